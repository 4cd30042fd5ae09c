/** What a test puts into a zip file; `claims`: how large it says that it unpacks to; `bytes`: what stands there instead of the text as UTF-8; `deflated`: they are packed. */
export interface ZipPart {
  readonly text: string
  readonly bytes?: Uint8Array
  readonly deflated?: boolean
  readonly claims?: number
}

/** A zip file of these parts. */
export function zipOf(parts: Readonly<Record<string, ZipPart>>): Uint8Array {
  const files: Uint8Array[] = []
  const directory: Uint8Array[] = []
  let at = 0
  for (const [path, { text, claims, bytes, deflated = false }] of Object.entries(parts)) {
    const name = new TextEncoder().encode(path)
    const plain = new TextEncoder().encode(text)
    const data = bytes ?? plain
    const sizes = [0, data.length, claims ?? (deflated ? plain.length : data.length)]
    const method = deflated ? 8 : 0
    const file = [...words(0x04_03_4b_50), ...halves(20, 0, method, 0, 0), ...sizes.flatMap((one) => words(one)), ...halves(name.length, 0)]
    const entry = [...words(0x02_01_4b_50), ...halves(20, 20, 0, method, 0, 0), ...sizes.flatMap((one) => words(one))]
    files.push(Uint8Array.from([...file, ...name]), data)
    directory.push(Uint8Array.from([...entry, ...halves(name.length, 0, 0, 0, 0), ...words(0), ...words(at), ...name]))
    at += file.length + name.length + data.length
  }
  const length = directory.reduce((sum, one) => sum + one.length, 0)
  const count = directory.length
  const end = [...words(0x06_05_4b_50), ...halves(0, 0, count, count), ...words(length), ...words(at), ...halves(0)]
  return Uint8Array.from([...files, ...directory, Uint8Array.from(end)].flatMap((one) => [...one]))
}

function words(value: number): number[] {
  return [0, 8, 16, 24].map((by) => (value >>> by) & 255)
}

function halves(...values: readonly number[]): number[] {
  return values.flatMap((value) => [value & 255, value >>> 8])
}
