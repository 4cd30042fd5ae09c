import type { ColumnType } from '@sheetflow/core/type'
import type { FirstColumn, FirstSheet } from './first-sheets.ts'

/** The script of a first page: the widgets do the work. */
export const PAGE_SCRIPT: string = `import { registerWidgets } from '@sheetflow/widgets'

registerWidgets({ clock: Date.now, random: Math.random })
`

const MOST_ROWS = 50

/** A first page: one query over the sheets, a live table of each. */
export function pageText(title: string, sheets: readonly FirstSheet[]): string {
  const shown = sheets.filter(({ columns }) => columns.length > 0)
  const fields = shown.map(({ name, columns }) => `      ${name}(limit: ${MOST_ROWS}) { ${columns.map((one) => one.name).join(' ')} }`)
  const tables = shown.map(({ name, columns }) =>
    [`      <h2>${name}</h2>`, `      <sf-table path="${name}" label="${name}">`, ...columns.map(columnText), '      </sf-table>'].join(
      '\n',
    ),
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
      sf-table { overflow-x: auto; }
      td { max-width: 24rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
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

function columnText({ name, column }: FirstColumn): string {
  const format = formatOf(column)
  return `        <sf-column field="${name}"${format === null ? '' : ` format="${format}"`}></sf-column>`
}

/** How a column of a type is shown at first, with all digits that it has; null: as it is. */
function formatOf(type: ColumnType): string | null {
  if (type.type === 'date') return 'date'
  if (type.type === 'timestamp' || type.type === 'timestamptz') return 'datetime'
  // Whole numbers are often names of rows: nothing is put between their digits.
  if (type.type === 'int' || type.type === 'bigint') return '0'
  if (type.type === 'double') return `0.${'#'.repeat(15)}`
  if (type.type !== 'decimal') return null
  if (type.s === undefined) return `#,##0.${'#'.repeat(15)}`
  return type.s <= 0 ? '#,##0' : `#,##0.${'0'.repeat(type.s)}`
}
