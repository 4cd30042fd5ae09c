import type { Random } from '../../random.ts'
import type { Shape, SourceName, SourceShape } from '../world/shape.ts'
import { KINDS } from '../world/create-sql.ts'

/** What a client looks at. Every page also shows the client's mailbox, so that a receipt and its effect are on one page. */
export type PageKind =
  /** Both lists of one bank, whole, and the named values: the balances add up. */
  | { readonly kind: 'books'; readonly source: SourceName }
  /** Accounts in parts by filters that exclude each other, and the vaults: the parts add up. */
  | { readonly kind: 'parts'; readonly source: SourceName; readonly by: 'kind' | 'balance' }
  /** Owners with their accounts as nested lists: each owner's sum is that of the list below it. */
  | { readonly kind: 'owners' }
  /** The first and the last by balance as windows beside the whole list: they are its ends. */
  | { readonly kind: 'windows'; readonly source: SourceName; readonly limit: number }
  /** What only scenes write. */
  | { readonly kind: 'documents' }

/** Draws what a client opens next. */
export function drawPageKind(random: Random): PageKind {
  const source = random.pick(['east', 'west'] as const)
  const drawn = random.next()
  if (drawn < 0.25) return { kind: 'books', source }
  if (drawn < 0.5) return { kind: 'parts', source, by: random.pick(['kind', 'balance'] as const) }
  if (drawn < 0.7) return { kind: 'owners' }
  if (drawn < 0.92) return { kind: 'windows', source, limit: random.between(3, 12) }
  return { kind: 'documents' }
}

/** The page's GraphQL. */
export function queryOf(shape: Shape, page: PageKind, client: number): string {
  return `{ mailbox: mailboxes(where: {client: {_eq: ${client}}}) { client done last v } ${fieldsOf(shape, page)} }`
}

function fieldsOf({ sources }: Shape, page: PageKind): string {
  switch (page.kind) {
    case 'books':
      return `accounts: ${page.source}_accounts { ${accountColumns(sources[page.source])} } vaults: ${page.source}_vaults { balance v }
        bank_values { ${page.source}_total ${page.source}_journal }`
    case 'parts':
      return `${parts(page.source, page.by)} vaults: ${page.source}_vaults { balance v }`
    case 'owners':
      return `owners { id name v east_held east_number west_held accounts { balance v owner } } bank_values { east_total }`
    case 'windows': {
      const of = `${page.source}_accounts`
      return `accounts: ${of} { balance v } top: ${of}(order_by: [{balance: desc}], limit: ${page.limit}) { balance v kind }
        bottom: ${of}(order_by: [{balance: asc}], limit: ${page.limit}) { balance v kind }`
    }
    case 'documents':
      return 'documents { id said v body_head body_size }'
  }
}

function parts(source: SourceName, by: 'kind' | 'balance'): string {
  const where =
    by === 'kind'
      ? Array.from({ length: KINDS }, (_, kind) => `{kind: {_eq: ${kind}}}`)
      : ['{balance: {_lt: "50"}}', '{balance: {_gte: "50", _lt: "150"}}', '{balance: {_gte: "150"}}']
  return where.map((filter, i) => `part_${i}: ${source}_accounts(where: ${filter}) { balance kind v }`).join(' ')
}

/** Everything that the view of accounts shows. */
export function accountColumns({ extras }: SourceShape): string {
  return ['owner_id', 'kind', 'balance', 'v', ...extras.map(({ name }) => name), 'owner', 'bio_head', 'bio_size'].join(' ')
}
