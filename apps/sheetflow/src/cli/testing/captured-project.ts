import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { openSqliteBus } from '@sheetflow/bus/sqlite/sqlite-bus'
import { TransactionPacker } from '@sheetflow/core/framing/packer'
import { sourceSubjects } from '@sheetflow/core/framing/subjects'
import { schemaHash } from '@sheetflow/core/schema-hash'
import { sourceStream } from '@sheetflow/core/subject'

const COLUMNS = [
  { name: 'id', id: 1, type: 'int' as const, null: false },
  { name: 'name', id: 2, type: 'text' as const, null: true },
  { name: 'price', id: 3, type: 'decimal' as const, p: 12, s: 2, null: true },
]

/**
 * A project in a new folder, with one workbook `w` of these files, whose source `shop` has told its table `items` to the bus: no server runs, no database
 * is asked. Gives the folder.
 */
export async function capturedProject(sheets: Readonly<Record<string, string>>): Promise<string> {
  const root = mkdtempSync(path.join(tmpdir(), 'sheetflow-project-'))
  mkdirSync(path.join(root, 'workbooks/w'), { recursive: true })
  for (const [name, text] of Object.entries(sheets)) writeFileSync(path.join(root, 'workbooks/w', name), text)
  const shop = { type: 'postgres', url: 'postgres://localhost/x', tables: ['public.*'] }
  writeFileSync(path.join(root, 'sheetflow.config.json'), JSON.stringify({ sources: { shop } }))
  await using bus = await openSqliteBus({ dir: path.join(root, '.sheetflow/bus') })
  const stream = sourceStream('shop')
  const { epoch } = await bus.ensure(stream)
  const packer = new TransactionPacker({ stream, epoch, subjects: sourceSubjects('shop') })
  packer.begin('1')
  packer.schema({ v: 1, table: 'public.items', schema: 1, hash: schemaHash(['id'], COLUMNS), key: ['id'], columns: COLUMNS })
  packer.commit({ at: '2026-11-26T00:00:00.000000Z', mark: '', inbox: 0, causes: [] })
  await bus.append(stream, packer.take())
  return root
}
