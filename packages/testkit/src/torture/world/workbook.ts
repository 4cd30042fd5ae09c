import type { Shape, SourceName } from './shape.ts'

/** The sheets over both databases, one file each: path below the workbooks' folder → text. */
export function workbookFiles(shape: Shape): Readonly<Record<string, string>> {
  return {
    'bank/workbook.yaml': WORKBOOK,
    'bank/owners.sheet.yaml': OWNERS_SHEET,
    'bank/mailboxes.sheet.yaml': plainSheet('east!mailboxes', ['client', 'done', 'last', 'v'], []),
    'bank/documents.sheet.yaml': `rows: =east!documents
keep: [id, said, v]
columns:
  body_head: =LEFT([@body], 16)
  body_size: =LEN([@body])
read: {teller: all}
`,
    ...sourceSheets(shape, 'east'),
    ...sourceSheets(shape, 'west'),
  }
}

/** Named values over sheets of either database, and over a table itself. */
const WORKBOOK = `time_zone: UTC
values:
  east_total: =SUM(east_accounts[balance])+SUM(east_vaults[balance])
  west_total: =SUM(west_accounts[balance])+SUM(west_vaults[balance])
  east_journal: =ROWS(east!journal[id])
  west_journal: =ROWS(west!journal[id])
read: {teller: all}
`

const OWNERS_SHEET = `rows: =east!owners
keep: [id, name, v]
columns:
  east_held: =SUMIFS(east!accounts[balance], east!accounts[owner_id], [@id])
  east_number: =COUNTIFS(east!accounts[owner_id], [@id])
  west_held: =SUMIFS(west!accounts[balance], west!accounts[owner_id], [@id])
  accounts: =FILTER(east_accounts, east_accounts[owner_id]=[@id])
read: {teller: all}
`

function sourceSheets({ sources }: Shape, source: SourceName): Record<string, string> {
  const { accounts, vaults, extras } = sources[source]
  const keyOf = (key: typeof accounts): string[] => key.columns.map(({ name }) => name)
  const kept = [...keyOf(accounts), 'owner_id', 'kind', 'balance', 'v', ...extras.map(({ name }) => name)]
  return {
    [`bank/${source}_accounts.sheet.yaml`]: `rows: =${source}!accounts
keep: [${kept.join(', ')}]
columns:
  owner: =XLOOKUP([@owner_id], east!owners[id], east!owners[name], "?")
  bio_head: =LEFT([@bio], 16)
  bio_size: =LEN([@bio])
publish: {index: [owner_id, kind, balance]}
read: {teller: all}
`,
    [`bank/${source}_vaults.sheet.yaml`]: plainSheet(`${source}!vaults`, [...keyOf(vaults), 'balance', 'v'], ['balance']),
  }
}

function plainSheet(rows: string, keep: readonly string[], index: readonly string[]): string {
  const publish = index.length === 0 ? '' : `publish: {index: [${index.join(', ')}]}\n`
  return `rows: =${rows}\nkeep: [${keep.join(', ')}]\n${publish}read: {teller: all}\n`
}
