import { labSuite } from './suite.js'

labSuite('koa', 'memory')
