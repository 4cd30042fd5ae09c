import type { TransactionPiece } from '@sheetflow/core/framing/collector'
import type { SheetSchema } from '@sheetflow/core/schema'

/** The schema with which a view begins a new generation here: what its rows were before is void (FORMATS 5). Null: it does not. */
export function newGeneration(piece: TransactionPiece, view: string): SheetSchema | null {
  return piece.kind === 'schema' && piece.message.table === view && 'generation' in piece.message ? piece.message : null
}
