import { labSuite } from './suite.js'

labSuite('koa2', 'memory')
