// Loaded into a server that is measured: on SIGUSR2 it collects everything and writes down what is left. In processes that
// the server starts it does nothing.
import { writeFileSync } from 'node:fs'

const file = process.env.CHARTFERRY_MEMORY_REPORT ?? ''
let reports = 0

if (file !== '') {
  process.on('SIGUSR2', () => {
    globalThis.gc?.()
    writeFileSync(file, JSON.stringify({ ...process.memoryUsage(), report: ++reports }))
  })
  writeFileSync(file, '{"report":0}')
}
