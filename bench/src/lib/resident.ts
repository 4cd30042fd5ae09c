import { readFileSync } from 'node:fs'

/** What a process holds of the machine's memory, in MB of 10^6 bytes, by the kernel's word; NaN: there is no such process. */
export function residentMB(pid: number): number {
  try {
    const [, kB = 'NaN'] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return (Number(kB) * 1024) / 1e6
  } catch {
    return Number.NaN
  }
}
