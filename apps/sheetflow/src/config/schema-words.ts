import { z } from 'zod'
import type { SecretRef } from './secret.ts'

/**
 * What the parts of a configuration are described with. Drivers are handed it: a thread that opens them, and checks no configuration, loads nothing
 * for that.
 */
export interface SchemaWords {
  readonly z: typeof z
  /** What the configuration calls a source, a store, a graph; servers take it as a name of theirs. */
  readonly name: z.ZodString
  /** A value that may be a secret: its text, or where it is found. */
  readonly secretOrText: z.ZodType<string | SecretRef, string | SecretRef>
}

/** The words. */
export const WORDS: SchemaWords = {
  z,
  name: z.string().regex(/^[a-z][a-z0-9_]*$/, 'lower-case letters, digits and _, beginning with a letter'),
  secretOrText: z.union([z.string().min(1), z.object({ $secret: z.string().min(1) }).strict()]),
}
