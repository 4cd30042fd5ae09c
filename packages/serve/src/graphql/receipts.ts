import { must } from '@sheetflow/core/assert'
import { receiptsView } from '@sheetflow/core/receipt'
import type { Catalogue } from '../catalogue/catalogue.ts'
import { viewType } from './view-type.ts'
import type { ViewType } from './view-type.ts'

/** The type of a graph's receipts. Its rows are the reader's own, whatever the role (`rowsOf` in `rights.ts`). */
export function receiptsType(catalogue: Catalogue, graph: string, role: string): ViewType {
  const view = must(catalogue.get(receiptsView(graph)), 'every graph has its receipts')
  return viewType(view, role, { rows: null, hide: [] })
}
