import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import type { DiscoveredTable } from '@sheetflow/core/ports/source'
import { PAGE_SCRIPT, pageText } from './first-page.ts'
import { firstSheets } from './first-sheets.ts'

/** What `init` found and shall write down. */
export interface Project {
  readonly folder: string
  readonly source: string
  readonly url: string
  readonly tables: readonly DiscoveredTable[]
}

/**
 * Writes the configuration, the secret's file, a first workbook and a page for it. Gives the files' names, relative to the folder. Workbooks
 * and pages that are there already are left alone.
 */
export function writeProject(project: Project): string[] {
  const { folder, source } = project
  const variable = `${source.toUpperCase()}_URL`
  const written: string[] = []
  const write = (name: string, text: string): void => {
    const file = path.join(folder, name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
    written.push(name)
  }
  write('sheetflow.config.ts', configText(project, variable))
  rememberSecret(folder, variable, project.url)
  written.push('.env')
  const sheets = firstSheets(source, project.tables)
  const workbook = `workbooks/${workbookName(source)}`
  if (existsSync(path.join(folder, 'workbooks'))) return written
  write(`${workbook}/workbook.yaml`, `time_zone: ${Intl.DateTimeFormat().resolvedOptions().timeZone}\nuser: {role: text}\n`)
  for (const { name, text } of sheets) write(`${workbook}/${name}.sheet.yaml`, text)
  if (existsSync(path.join(folder, 'page'))) return written
  write('page/index.html', pageText(source, sheets))
  write('page/page.ts', PAGE_SCRIPT)
  return written
}

/** Never the source's: `shop!orders` would be the workbook's own sheet. */
function workbookName(source: string): string {
  return source === 'main' ? 'views' : 'main'
}

function configText({ source, tables }: Project, variable: string): string {
  const list = tables
    .map((table) => JSON.stringify(table.schema.table).replaceAll("'", String.raw`\'`))
    .map((text) => `'${text.slice(1, -1)}'`)
  return `import { defineConfig, secret } from 'sheetflow'

export default defineConfig({
  sources: {
    ${source}: {
      type: 'postgres',
      url: secret('${variable}'),
      tables: [${list.join(', ')}],
    },
  },
})
`
}

/** The URL goes to \`.env\`, which must not be committed. A URL that stands there from before is replaced. */
function rememberSecret(folder: string, variable: string, url: string): void {
  const file = path.join(folder, '.env')
  const before = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : []
  const others = before.filter((line) => !line.startsWith(`${variable}=`))
  while (others.at(-1) === '') others.pop()
  writeFileSync(file, [...others, `${variable}=${url}`, ''].join('\n'), { mode: 0o600 })
  const ignore = path.join(folder, '.gitignore')
  const text = existsSync(ignore) ? readFileSync(ignore, 'utf8') : ''
  const ignored = text.split('\n')
  const missing = ['.env', '.sheetflow/'].filter((line) => !ignored.includes(line))
  if (missing.length > 0) appendFileSync(ignore, `${text === '' || text.endsWith('\n') ? '' : '\n'}${missing.join('\n')}\n`)
}
