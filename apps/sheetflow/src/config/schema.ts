import { z } from 'zod'
import type { Config } from './config.ts'

/**
 * The configuration (FORMATS 10), described once: checking, defaults, the published JSON Schema and `sheetflow config` come from here.
 * Every field says what it is; paths are relative to the folder of the configuration file.
 */

const name = z.string().regex(/^[a-z][a-z0-9_]*$/, 'lower-case letters, digits and _, beginning with a letter')

const secretOrText = z.union([z.string().min(1), z.object({ $secret: z.string().min(1) }).strict()])

const bytes = z
  .union([z.number().int().positive(), z.string().regex(/^\d+(\.\d+)?\s*(B|kB|KB|MB|GB|TB)$/, "a number of bytes or text like '4 GB'")])
  .describe("Bytes, as a number or text like '4 GB' (powers of 1,000).")

const postgresSource = z
  .object({
    type: z.literal('postgres'),
    url: secretOrText.describe('Connection URL, best a secret: secret("SHOP_URL").'),
    tables: z.array(z.string().min(1)).min(1).default(['public.*']).describe('Tables to capture: schema.table, with * as wildcard.'),
    keys: z
      .record(z.string(), z.array(z.string().min(1)).min(1))
      .default({})
      .describe('Key columns of tables that have no primary key.'),
    slot: name.optional().describe('Replication slot; default sheetflow_<source>.'),
    publication: name.optional().describe('Publication; default sheetflow_<source>.'),
    commands: z.string().optional().describe('Module whose default export is defineCommands({…}).'),
  })
  .strict()

const sqliteStore = z
  .object({ type: z.literal('sqlite'), file: z.string().optional().describe('The file; default views-<store>.db in the data folder.') })
  .strict()

const postgresStore = z
  .object({
    type: z.literal('postgres'),
    url: secretOrText.describe('Connection URL, best a secret: secret("VIEWS_URL").'),
    schema: name.max(63).optional().describe("The store's own schema; default sheetflow_<store>."),
    connections: z.number().int().min(1).max(100).default(8).describe('Connections for reading at most, of each process.'),
  })
  .strict()

const sqliteBus = z.object({ type: z.literal('sqlite'), dir: z.string().optional().describe('Folder with one file a stream.') }).strict()

const natsBus = z
  .object({
    type: z.literal('nats'),
    servers: z.array(z.string().min(1)).min(1).describe('nats://host:4222 or tls://…; one or some of a cluster.'),
    user: z.string().optional(),
    password: secretOrText.optional(),
    token: secretOrText.optional(),
    nkey: secretOrText.optional().describe('Seed of an nkey (SU…).'),
    jwt: secretOrText.optional().describe('JWT of a user; its seed is `nkey`.'),
    creds: secretOrText.optional().describe('The text of a .creds file: JWT and seed.'),
    tls: z
      .object({
        ca: z.string().optional().describe('File with the certificates that the server may be signed by.'),
        cert: z.string().optional().describe('File with our certificate, if the server asks for one.'),
        key: z.string().optional().describe('File with its key.'),
        first: z.boolean().optional().describe('The server speaks TLS from the first byte on (handshake_first).'),
      })
      .strict()
      .optional(),
    replicas: z.number().int().min(1).max(5).optional().describe('Copies of each stream in a cluster.'),
    syncInterval: z
      .union([z.literal('always'), z.number().positive()])
      .optional()
      .describe("The server's sync_interval: seconds, or 'always'. Sources are confirmed that much later."),
    monitor: z.url().optional().describe('Monitoring of one of the servers (http://host:8222): the sync_interval is asked there.'),
    batches: z.boolean().optional().describe('false: no atomic batches, although the server has them.'),
  })
  .strict()

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

/** The shape of `sheetflow.config.ts` and of its YAML twin. */
const shape = z
  .object({
    data: z.string().default('.sheetflow').describe('Folder of everything that Sheetflow keeps here.'),
    sources: z.record(name, postgresSource).refine((s) => Object.keys(s).length > 0, 'at least one source'),
    bus: z.discriminatedUnion('type', [sqliteBus, natsBus]).default({ type: 'sqlite' }),
    stores: z.record(name, z.discriminatedUnion('type', [sqliteStore, postgresStore])).default({ main: { type: 'sqlite' } }),
    archive: z
      .object({
        type: z.literal('files'),
        dir: z.string().optional().describe('Folder; default archive in the data folder.'),
        afterSeconds: z
          .number()
          .positive()
          .optional()
          .describe('A message is archived at the latest so long after it was stored. Default 3600.'),
      })
      .strict()
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
