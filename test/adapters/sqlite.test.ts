import { labSuite } from './suite.js'

labSuite('express', 'sqlite')
labSuite('hono', 'sqlite')
