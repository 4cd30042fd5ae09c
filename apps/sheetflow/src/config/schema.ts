import { z } from 'zod'
import { must } from '@sheetflow/core/assert'
import type { ArchiveConfig } from '../drivers/archive/archive-driver.ts'
import * as archives from '../drivers/archives.ts'
import * as buses from '../drivers/buses.ts'
import type { DriverConfig, DriverTable } from '../drivers/driver-type.ts'
import type { SourceConfig } from '../drivers/source/source-driver.ts'
import * as sources from '../drivers/sources.ts'
import * as stores from '../drivers/stores.ts'
import type { Config } from './config.ts'
import { WORDS } from './schema-words.ts'

/**
 * The configuration (FORMATS 10), described once: checking, defaults, the published JSON Schema and `sheetflow config` come from here.
 * Every field says what it is; paths are relative to the folder of the configuration file.
 */

const { name, secretOrText } = WORDS

const bytes = z
  .union([z.number().int().positive(), z.string().regex(/^\d+(\.\d+)?\s*(B|kB|KB|MB|GB|TB)$/, "a number of bytes or text like '4 GB'")])
  .describe("Bytes, as a number or text like '4 GB' (powers of 1,000).")

const identity = z
  .object({
    jwks: z.url().optional().describe('Where the keys that sign tokens are published.'),
    secret: secretOrText.optional().describe('Shared secret of HS256 tokens (at least 32 bytes).'),
    issuer: z.string().optional(),
    audience: z.string().optional(),
    role: z.string().default('role').describe('Claim that names the role in which a reader acts.'),
    user: z.string().default('sub').describe('Claim that names the user.'),
    dev: z
      .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))
      .default({ sub: 'dev', role: 'developer' })
      .describe("Claims of the token that 'sheetflow dev' makes for its page."),
  })
  .strict()

const serve = z
  .object({
    port: z.number().int().min(0).max(65_535).default(4000),
    host: z.string().default('127.0.0.1').describe('Address to listen on. Anything but loopback needs an identity.'),
    page: z.string().optional().describe('Folder with the page: index.html and the scripts that it names.'),
    origins: z.array(z.string()).default([]).describe('Other origins whose pages may connect.'),
    operations: z.string().optional().describe('File with the operations of the pages: `dev` writes down what is asked.'),
    key: secretOrText
      .refine((value) => typeof value !== 'string' || value.length >= 32, 'at least 32 characters')
      .optional()
      .describe('Signs channels and windows; the same for every process that serves. Default: a file in the data folder.'),
    persistedOnly: z.boolean().default(false).describe('Answer nothing but what stands in `operations`.'),
    drainSeconds: z
      .number()
      .min(0)
      .max(600)
      .optional()
      .describe('How long clients are sent elsewhere before it ends (SIGTERM). Default: 5 where other processes may serve, else 0.'),
    identity: identity.prefault({}),
  })
  .strict()

const ops = z
  .object({
    port: z
      .union([z.literal('off'), z.number().int().min(0).max(65_535)])
      .optional()
      .describe('Port of /healthz, /readyz and /metrics. Default: a free one, in processes that do not serve; 0 = a free one in all.'),
    host: z.string().default('127.0.0.1').describe('Address that it listens on. It tells numbers and states to whoever asks.'),
  })
  .strict()

const limits = z
  .object({
    stepRows: z.number().int().positive().default(500_000).describe('Rows of one transaction above which it goes through staging.'),
    stateBytes: bytes
      .default('4 GB')
      .describe("Memory of one graph's state: near it and beyond it somebody is told, and no deployment that makes it larger is taken."),
    listRows: z.number().int().positive().default(1000).describe('Rows of a list without limit.'),
    channelRows: z.number().int().positive().default(1000).describe('Rows of one publication; above it is a reset.'),
    streamBytes: bytes.default('8 GB').describe('Bytes of one stream.'),
    retentionHours: z.number().positive().default(168).describe('How long streams are kept.'),
  })
  .strict()

/** A part that one of these drivers is for. */
function oneOf<Part extends DriverConfig>(table: DriverTable<Part, never, unknown>): z.ZodType<Part> {
  const [first, ...others] = Object.values(table).map(({ config }) => config(WORDS))
  return z.discriminatedUnion('type', [must(first, 'there is a driver of each kind'), ...others])
}

/** The shape of `sheetflow.config.ts` and of its YAML twin. */
const shape = z
  .object({
    data: z.string().default('.sheetflow').describe('Folder of everything that Sheetflow keeps here.'),
    sources: z.record(name, oneOf<SourceConfig>(sources)).refine((s) => Object.keys(s).length > 0, 'at least one source'),
    bus: oneOf<DriverConfig>(buses).default({ type: 'sqlite' }),
    stores: z.record(name, oneOf<DriverConfig>(stores)).default({ main: { type: 'sqlite' } }),
    archive: oneOf<ArchiveConfig>(archives)
      .optional()
      .describe('Where older segments of streams go before they are trimmed. Absent: what is trimmed is gone.'),
    blobs: z
      .object({ dir: z.string() })
      .strict()
      .optional()
      .describe('Folder of big values, shared by all processes. Default: in the data folder.'),
    secrets: z.array(z.object({ type: z.literal('env') }).strict()).default([{ type: 'env' }]),
    workbooks: z.string().default('workbooks').describe('Folder with one folder a workbook.'),
    graphs: z.record(name, z.array(name).min(1)).default({}).describe('Workbooks that one engine runs together; others run alone.'),
    functions: z.string().optional().describe('Module whose default export is defineFunctions({…}): functions that formulas call.'),
    serve: serve.prefault({}),
    ops: ops.prefault({}),
    limits: limits.prefault({}),
  })
  .strict()

/** Checks a configuration and fills its defaults. Throws zod's error with one issue per wrong field. */
export const configSchema: z.ZodType<Config> = shape

/** JSON Schema of the configuration, for editors and `sheetflow config --schema`. */
export function configJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(shape, { io: 'input' })
}
