import { labSuite } from './suite.js'

labSuite('express', 'memory')
