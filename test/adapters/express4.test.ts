import { labSuite } from './suite.js'

labSuite('express4', 'memory')
