import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { DiscoveredTable } from '@sheetflow/core/ports/source'

/** What `init` found and shall write down. */
export interface Project {
  readonly folder: string
  readonly source: string
  readonly url: string
  readonly tables: readonly DiscoveredTable[]
}

/** A first sheet is written for at most so many tables: a start, not a copy of the database. */
const FIRST_SHEETS = 3

/** Writes the configuration, the secret's file and a first workbook. Gives the files' names, relative to the folder. Existing sheets are left alone. */
export function writeProject(project: Project): string[] {
  const variable = `${project.source.toUpperCase()}_URL`
  const written: string[] = []
  const write = (name: string, text: string): void => {
    const file = path.join(project.folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
    written.push(name)
  }
  write('sheetflow.config.ts', configText(project, variable))
  rememberSecret(project.folder, variable, project.url)
  written.push('.env')
  const workbook = `workbooks/${project.source}`
  if (!existsSync(path.join(project.folder, workbook))) {
    write(`${workbook}/workbook.yaml`, `time_zone: ${Intl.DateTimeFormat().resolvedOptions().timeZone}\nuser: {role: text}\n`)
    for (const table of project.tables.slice(0, FIRST_SHEETS))
      write(`${workbook}/${sheetName(table)}.sheet.yaml`, sheetText(project.source, table))
  }
  return written
}

function configText({ source, tables }: Project, variable: string): string {
  const list = tables.map((table) => `'${table.schema.table}'`).join(', ')
  return `import { defineConfig, secret } from 'sheetflow'

export default defineConfig({
  sources: {
    ${source}: { type: 'postgres', url: secret('${variable}'), tables: [${list}] },
  },
})
`
}

/** The URL goes to \`.env\`, which must not be committed. */
function rememberSecret(folder: string, variable: string, url: string): void {
  const file = path.join(folder, '.env')
  const before = existsSync(file) ? readFileSync(file, 'utf8') : ''
  if (!new RegExp(`^${variable}=`, 'm').test(before)) appendFileSync(file, `${variable}=${url}\n`, { mode: 0o600 })
  const ignore = path.join(folder, '.gitignore')
  const ignored = existsSync(ignore) ? readFileSync(ignore, 'utf8').split('\n') : []
  const missing = ['.env', '.sheetflow/'].filter((line) => !ignored.includes(line))
  if (missing.length > 0) appendFileSync(ignore, `${missing.join('\n')}\n`)
}

function sheetText(source: string, { schema }: DiscoveredTable): string {
  const columns = schema.columns.filter((column) => !schema.key.includes(column.name)).map((column) => column.name)
  const keep = columns.filter((name) => /^[a-z][a-z0-9_]*$/.test(name)).slice(0, 8)
  return `about: The rows of ${schema.table}. Add columns with formulas, for example  total: =SUMIFS(…)
rows: =${source}!${sheetReference(schema.table)}
keep: [${keep.join(', ')}]
read:
  developer: all
`
}

function sheetName({ schema }: DiscoveredTable): string {
  const name = schema.table
    .slice(schema.table.indexOf('.') + 1)
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]/g, '_')
  return /^[a-z]/.test(name) ? name : `t_${name}`
}

/** Tables of the schema \`public\` are named without it in formulas. */
function sheetReference(table: string): string {
  return table.startsWith('public.') ? table.slice('public.'.length) : table
}
