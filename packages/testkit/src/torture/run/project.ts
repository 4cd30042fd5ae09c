import { createHmac, randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Shape, SourceName } from '../world/shape.ts'
import { workbookFiles } from '../world/workbook.ts'

/** A Sheetflow project on disk, as somebody would write it. */
export interface Project {
  readonly folder: string
  /** Environment with the secrets that the configuration names. */
  readonly env: Readonly<Record<string, string>>
  /** A token of client `n`. */
  token(n: number): string
}

/** What a project is written from. */
export interface ProjectParts {
  /** As `projectFolder` makes it. */
  readonly folder: string
  readonly shape: Shape
  /** Where Sheetflow reaches the databases. */
  readonly urls: Readonly<Record<SourceName, string>>
  /** More of the configuration, as lines of YAML. */
  readonly config: readonly string[]
  /** More of the block `serve`. */
  readonly serve?: readonly string[]
  /** Secrets that these lines name. */
  readonly env?: Readonly<Record<string, string>>
}

/** The one graph, and with it the workbook. */
export const GRAPH = 'bank'

/** The one store. */
export const STORE = 'main'

const COMMANDS = fileURLToPath(new URL('../world/commands.ts', import.meta.url))

/** A new folder under the temporary one. */
export function projectFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'sheetflow-torture-'))
}

/** Writes configuration and workbooks. */
export function writeProject({ folder, shape, urls, config, serve = [], env = {} }: ProjectParts): Project {
  for (const [name, text] of Object.entries(workbookFiles(shape))) write(path.join(folder, 'workbooks', name), text)
  write(
    path.join(folder, 'sheetflow.config.yaml'),
    `sources:
  east: {type: postgres, url: {$secret: EAST_URL}, tables: ['public.*'], commands: ${JSON.stringify(COMMANDS)}}
  west: {type: postgres, url: {$secret: WEST_URL}, tables: ['public.*']}
workbooks: workbooks
${config.join('\n')}
serve:
${['identity: {secret: {$secret: TORTURE_KEY}}', ...serve].map((line) => `  ${line}`).join('\n')}
`,
  )
  const key = randomBytes(32).toString('hex')
  return {
    folder,
    env: { ...env, EAST_URL: urls.east, WEST_URL: urls.west, TORTURE_KEY: key },
    token: (n) => signed({ sub: `client ${n}`, role: 'teller', exp: Math.floor(Date.now() / 1000) + 86_400 }, key),
  }
}

function write(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** A JWT with HS256, as any identity provider makes it. */
function signed(claims: object, key: string): string {
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const head = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`
  return `${head}.${createHmac('sha256', Buffer.from(key)).update(head).digest('base64url')}`
}
