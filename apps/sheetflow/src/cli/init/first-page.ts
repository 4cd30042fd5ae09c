import type { FirstSheet } from './first-sheets.ts'

/** The script of a first page: the widgets do the work. */
export const PAGE_SCRIPT: string = `import { registerWidgets } from '@sheetflow/widgets'

registerWidgets({ clock: Date.now, random: Math.random })
`

const MOST_ROWS = 50

/** A first page: one query over the sheets, a live table of each. */
export function pageText(title: string, sheets: readonly FirstSheet[]): string {
  const shown = sheets.filter(({ columns }) => columns.length > 0)
  const fields = shown.map(({ name, columns }) => `      ${name}(limit: ${MOST_ROWS}) { ${columns.join(' ')} }`)
  const tables = shown.map(
    ({ name, columns }) =>
      `      <h2>${name}</h2>\n      <sf-table path="${name}" label="${name}" columns="${columns.join(',')}"></sf-table>`,
  )
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    <link rel="icon" href="data:,">
    <style>
      body { font: 15px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
    </style>
    <script type="module" src="page.js"></script>
  </head>
  <body>
    <sf-page src="/graphql" token-src="/_sheetflow/dev/token" query="{
${fields.join('\n')}
    }">
      <sf-status></sf-status>
${tables.join('\n')}
    </sf-page>
    <sf-diagnostics></sf-diagnostics>
  </body>
</html>
`
}
