import { execFileSync } from 'node:child_process'
import os from 'node:os'
import type { Measurement } from './measure.ts'

/** When and on what something is measured now. */
export function measurement(): Measurement {
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
  return { date: new Date().toISOString().slice(0, 10), commit, load: Math.round((os.loadavg()[0] ?? 0) * 10) / 10 }
}
