/** The older majors are installed under names of their own; what the lab uses of them has the newer majors' types. */
declare module 'express4' {
  import express = require('express')
  export = express
}

declare module 'koa2' {
  import Koa = require('koa')
  export = Koa
}
