import { readFileSync } from 'node:fs'

/** What a process holds of the machine's memory, in MB of 10^6 bytes, by the kernel's word; NaN: there is no such process. */
export function residentMB(pid: number): number {
  return statusMB(pid, /^VmRSS:\s+(\d+) kB/m)
}

/** The part of it that no file stands behind. What is read of files the kernel takes back when somebody needs it, this it cannot. */
export function residentAnonMB(pid: number): number {
  return statusMB(pid, /^RssAnon:\s+(\d+) kB/m)
}

function statusMB(pid: number, line: RegExp): number {
  try {
    const [, kB = 'NaN'] = line.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return (Number(kB) * 1024) / 1e6
  } catch {
    return Number.NaN
  }
}
