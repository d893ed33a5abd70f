// Imports one package and tells the milliseconds that it took: its argument is the name.
const began = performance.now()
await import(process.argv[2]!)
process.send?.(performance.now() - began, () => process.exit())
