import { labSuite } from './suite.js'

labSuite('hono', 'memory')
