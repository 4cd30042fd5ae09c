/** What a layer may import, what its code may use besides the language, and how its errors look: see `layers.mjs`. */
export interface Layer {
  readonly imports: readonly string[]
  readonly runs: 'anywhere' | 'page' | 'node'
  readonly coded: boolean
}

/** By folder. */
export const LAYERS: Readonly<Record<string, Layer>>

/** The longest allowed, in lines. */
export const SIZES: Readonly<Record<'file' | 'testFile' | 'function', number>>
