import { readFileSync } from 'node:fs'

/** One call of the operating system, as `strace -f -y -xx` writes it down. Lines of the record are its time: everything that ended before line n is the cause of what begins behind it. */
export interface SystemCall {
  readonly name: string
  /** The line on which it began, and that on which it had ended; a call that never ended has `done` Infinity. */
  readonly at: number
  readonly done: number
  /** When it ended, seconds since 1970. */
  readonly seconds: number
  /** Its arguments and, behind `) = `, its result: as written, with every text in hexadecimal. */
  readonly text: string
  /** Negative: it failed. */
  readonly result: number
}

/** What changes files, moves in them or makes them durable. A question mark: may be unknown to a processor. */
const TRACED = `
  openat ?open ?creat lseek write pwrite64 writev pwritev pwritev2 ftruncate truncate fallocate fsync fdatasync syncfs sync ?rename renameat renameat2
  ?unlink unlinkat ?mkdir mkdirat ?rmdir ?link linkat copy_file_range sendfile sync_file_range`
  .trim()
  .split(/\s+/)

/** Arguments for `strace` that write the record which `readCalls` reads. Texts are never cut. */
export function straceArguments(file: string): readonly string[] {
  return [
    '-f',
    '-qq',
    '--seccomp-bpf',
    '-ttt',
    '-y',
    '-xx',
    '-s',
    String(1 << 25),
    '-e',
    `trace=${TRACED.join(',')}`,
    '-e',
    'signal=none',
    '-o',
    file,
  ]
}

/** The calls of a record that succeeded or never ended, in the order in which they began. */
export function readCalls(file: string): readonly SystemCall[] {
  const calls: SystemCall[] = []
  const begun = new Map<string, { readonly at: number; readonly text: string }>()
  const put = (at: number, done: number, seconds: number, text: string): void => {
    const open = text.indexOf('(')
    const equals = text.lastIndexOf(') = ')
    const result = equals < 0 ? 0 : Number.parseInt(text.slice(equals + 4), 10)
    if (open > 0 && !(result < 0)) calls.push({ name: text.slice(0, open), at, done, seconds, text: text.slice(open + 1), result })
  }
  for (const [at, line] of readFileSync(file, 'latin1').split('\n').entries()) {
    const [, thread, time, text] = /^(\d+)\s+([\d.]+) (.*)$/.exec(line) ?? []
    if (thread === undefined || text === undefined || text.startsWith('+++')) continue
    const resumed = /^<\.\.\. \w+ resumed>/.exec(text)
    const seconds = Number(time)
    if (text.endsWith(' <unfinished ...>')) begun.set(thread, { at, text: text.slice(0, -' <unfinished ...>'.length) })
    else if (resumed === null) put(at, at, seconds, text)
    else {
      const first = begun.get(thread)
      begun.delete(thread)
      if (first !== undefined) put(first.at, at, seconds, first.text + text.slice(resumed[0].length))
    }
  }
  for (const { at, text } of begun.values()) put(at, Infinity, Infinity, text)
  return calls.toSorted((a, b) => a.at - b.at)
}

/** The bytes of a text in hexadecimal: `\x41\x42`. */
export function bytesOf(text: string): Buffer {
  return Buffer.from(text.replaceAll('\\x', ''), 'hex')
}
