import type { SecretRef } from '../../../config/secret.ts'
import type { DriverSchema } from '../../driver-type.ts'

/** A NATS server or cluster. */
export interface NatsBusConfig {
  readonly type: 'nats'
  readonly servers: readonly string[]
  readonly user?: string | undefined
  readonly password?: string | SecretRef | undefined
  readonly token?: string | SecretRef | undefined
  readonly nkey?: string | SecretRef | undefined
  readonly jwt?: string | SecretRef | undefined
  readonly creds?: string | SecretRef | undefined
  /** Files in PEM format, relative to the configuration. */
  readonly tls?:
    | {
        readonly ca?: string | undefined
        readonly cert?: string | undefined
        readonly key?: string | undefined
        readonly first?: boolean | undefined
      }
    | undefined
  readonly replicas?: number | undefined
  /** Seconds, or `always`. */
  readonly syncInterval?: 'always' | number | undefined
  readonly monitor?: string | undefined
  readonly batches?: boolean | undefined
}

/** Its part of the configuration. */
export const natsBus: DriverSchema<NatsBusConfig> = ({ z, secretOrText }) =>
  z
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
