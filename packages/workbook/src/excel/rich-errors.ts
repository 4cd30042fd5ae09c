import { CellError, type CellErrorKind } from '@sheetflow/core/cell-error'
import { attribute, elements } from './xml-elements.ts'
import { textOf } from './unpacked.ts'
import type { Part } from './zip-directory.ts'

/** Errors that programs older than 365 do not know, by the number that rich values have for them. */
const KINDS: Readonly<Record<string, CellErrorKind>> = { '8': '#SPILL!', '13': '#CALC!' }

const CELL = /<c ([^<>]*)>/g

/** Cells, as `E1`, and the error that each of them shows. */
type Errors = ReadonlyMap<string, CellError>

/**
 * By sheet, the cells whose error is another than the file's `<v>` says: for programs that do not know it Excel writes `#VALUE!` there, and the truth as a rich value, which the
 * cell names by `vm`. Of a part that is not as Excel writes it nothing is told.
 */
export async function richErrors(bytes: Uint8Array, parts: readonly Part[]): Promise<ReadonlyMap<string, Errors>> {
  const text = (name: string): Promise<string> =>
    textOf(
      bytes,
      parts.find((part) => part.name === name),
    )
  const found = new Map<string, Errors>()
  const values = richValues(await text('xl/richData/rdrichvalue.xml'), await text('xl/richData/rdrichvaluestructure.xml'))
  if (!values.some((one) => one !== null)) return found
  const kinds = kindsOf(await text('xl/metadata.xml'), values)
  const targets = new Map<string, string>()
  for (const { attributes } of elements(await text('xl/_rels/workbook.xml.rels'), 'Relationship'))
    targets.set(attribute(attributes, 'Id'), `xl/${attribute(attributes, 'Target')}`.replace(/^xl\/\//, ''))
  for (const { attributes } of elements(await text('xl/workbook.xml'), 'sheet')) {
    const cells = errorsOf(await text(targets.get(attribute(attributes, 'r:id')) ?? ''), kinds)
    if (cells.size > 0) found.set(attribute(attributes, 'name'), cells)
  }
  return found
}

/** What each rich value is; null: no error that is known. */
function richValues(data: string, structures: string): readonly (CellErrorKind | null)[] {
  const errorKeys = [...elements(structures, 's')].map(({ attributes, content }) => {
    if (attribute(attributes, 't') !== '_error') return -1
    return [...elements(content, 'k')].findIndex((key) => attribute(key.attributes, 'n') === 'errorType')
  })
  return [...elements(data, 'rv')].map(({ attributes, content }) => {
    const key = errorKeys[Number(attribute(attributes, 's'))] ?? -1
    return KINDS[[...elements(content, 'v')][key]?.content ?? ''] ?? null
  })
}

/** The errors by the number that cells name, which counts from 1. */
function kindsOf(metadata: string, values: readonly (CellErrorKind | null)[]): readonly (CellErrorKind | null)[] {
  const types = [...elements(metadata, 'metadataType')]
  const rich = types.findIndex(({ attributes }) => attribute(attributes, 'name') === 'XLRICHVALUE') + 1
  const future = [...elements(metadata, 'futureMetadata')].find(({ attributes }) => attribute(attributes, 'name') === 'XLRICHVALUE')
  const blocks = [...elements(future?.content ?? '', 'bk')].map(({ content }) =>
    attribute(/<\w+:rvb ([^<>]*)>/.exec(content)?.[1] ?? '', 'i'),
  )
  const [named] = [...elements(metadata, 'valueMetadata')]
  const kinds = [...elements(named?.content ?? '', 'bk')].map(({ content }) => {
    const one = [...elements(content, 'rc')].find(({ attributes }) => Number(attribute(attributes, 't')) === rich)
    const block = one === undefined ? undefined : blocks[Number(attribute(one.attributes, 'v'))]
    return block === undefined || block === '' ? null : (values[Number(block)] ?? null)
  })
  return [null, ...kinds]
}

function errorsOf(sheet: string, kinds: readonly (CellErrorKind | null)[]): Errors {
  const found = new Map<string, CellError>()
  for (const [, attributes = ''] of sheet.matchAll(CELL)) {
    const kind = kinds[Number(attribute(attributes, 'vm'))] ?? null
    if (kind !== null && attribute(attributes, 't') === 'e') found.set(attribute(attributes, 'r'), new CellError(kind))
  }
  return found
}
