import { isSheetflowError, type SheetflowError } from '@sheetflow/core/errors'
import { writeXlsx } from 'hucre'
import { deflateRawSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { zipOf, type ZipPart } from '../testing/zip.ts'
import { readBook } from './read-book.ts'

const SHEET = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>ROWS</sheetData></worksheet>`
const PARTS = {
  '[Content_Types].xml': `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
  '_rels/.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
  'xl/workbook.xml': `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="One" sheetId="1" r:id="r1"/></sheets></workbook>`,
  'xl/_rels/workbook.xml.rels': `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
}

/** A book of one sheet, its XML written by hand. */
function bookOf(sheet: string, claims?: number): Uint8Array {
  const parts = Object.fromEntries(Object.entries(PARTS).map(([name, text]) => [name, { text }]))
  return zipOf({ ...parts, 'xl/worksheets/sheet1.xml': { text: sheet, ...(claims === undefined ? {} : { claims }) } })
}

/** The same with one more part, or with another one at a place. */
function bookWith(name: string, part: ZipPart, text: string = SHEET.replace('ROWS', '')): Uint8Array {
  const sheet = { 'xl/worksheets/sheet1.xml': { text } }
  const parts = Object.fromEntries(Object.entries(PARTS).map(([path, text]) => [path, { text }]))
  return zipOf({ ...parts, ...sheet, [name]: part })
}

const cell = (value: number): string => `<row r="1"><c r="A1"><v>${value}</v></c></row>`

async function refusal(bytes: Uint8Array): Promise<SheetflowError> {
  try {
    await readBook(bytes)
  } catch (error) {
    if (isSheetflowError(error)) return error
    throw error
  }
  return expect.unreachable('nothing was refused')
}

describe('a book that Excel has saved', () => {
  it('is read', async () => {
    expect((await readBook(bookOf(SHEET.replace('ROWS', cell(7))))).sheets[0]?.value(1, 1)).toBe(7)
  })

  it('knows errors that the file calls #VALUE! for older programs', async () => {
    const cells = ['A1" t="e" vm="1', 'B1" t="e', 'C1" t="e" vm="2', 'D1" t="e" vm="3'].map((one) => `<c r="${one}"><v>#VALUE!</v></c>`)
    const types = '<metadataTypes><metadataType name="XLDAPR"/><metadataType name="XLRICHVALUE"/></metadataTypes>'
    const blocks = ['1', '0', '2'].map((i) => `<bk><extLst><ext><xlrd:rvb i="${i}"/></ext></extLst></bk>`).join('')
    const values = ['0', '1', '2'].map((v) => `<bk><rc t="2" v="${v}"/></bk>`).join('')
    const parts: Readonly<Record<string, string>> = {
      'xl/worksheets/sheet1.xml': SHEET.replace('ROWS', `<row r="1">${cells.join('')}</row>`),
      'xl/metadata.xml': `<metadata>${types}<futureMetadata name="XLRICHVALUE">${blocks}</futureMetadata><valueMetadata>${values}</valueMetadata></metadata>`,
      'xl/richData/rdrichvalue.xml':
        '<rvData><rv s="1"><v>0</v><v>8</v></rv><rv s="0"><v>13</v><v>3</v></rv><rv s="2"><v>13</v></rv></rvData>',
      'xl/richData/rdrichvaluestructure.xml':
        '<rvStructures><s t="_error"><k n="errorType" t="i"/><k n="subType" t="i"/></s><s t="_error"><k n="colOffset" t="i"/><k n="errorType" t="i"/></s><s t="_image"><k n="id"/></s></rvStructures>',
    }
    const plain = Object.entries(PARTS).map(([name, text]) => [name, { text }] as const)
    const rich = Object.entries(parts).map(([name, text]) => [name, { text }] as const)
    const [sheet] = (await readBook(zipOf(Object.fromEntries([...plain, ...rich])))).sheets
    expect([1, 2, 3, 4].map((column) => sheet?.value(1, column))).toMatchObject(
      ['#CALC!', '#VALUE!', '#SPILL!', '#VALUE!'].map((kind) => ({ kind })),
    )
  })

  it('knows which cells show dates, in both systems', async () => {
    const rows = [[new Date(Date.UTC(2026, 10, 23)), 46_349]]
    const [since1900, since1904] = [
      await writeXlsx({ sheets: [{ name: 'One', rows }] }),
      await writeXlsx({ sheets: [{ name: 'One', rows }], dateSystem: '1904' }),
    ]
    const book = await readBook(since1900)
    expect([book.sheets[0]?.cell(1, 1), book.sheets[0]?.cell(1, 2), book.epoch]).toEqual([
      { value: 46_349, formula: null, date: true },
      { value: 46_349, formula: null },
      -25_569,
    ])
    const other = await readBook(since1904)
    expect([other.sheets[0]?.value(1, 1), other.epoch]).toEqual([44_887, -24_107])
  })

  it('has tables, with and without totals', async () => {
    const rows = [
      ['k', 'v'],
      ['a', 1],
      ['b', 2],
      ['all', 3],
    ]
    const columns = [{ name: 'k' }, { name: 'v' }]
    const bytes = await writeXlsx({
      sheets: [{ name: 'One', rows, tables: [{ name: 'Sales', range: 'A1:B4', columns, showTotalRow: true }] }],
    })
    expect((await readBook(bytes)).tables).toEqual([
      { name: 'Sales', area: { sheet: 0, top: 2, left: 1, bottom: 3, right: 2 }, header: 1, totals: 4, columns: ['k', 'v'] },
    ])
  })
})

describe('refused with what to do', () => {
  it('what would unpack to much more than it is: a zip bomb', async () => {
    expect(await refusal(bookOf(SHEET, 4_000_000_000))).toMatchObject({
      code: 'workbook/shape',
      message: expect.stringContaining('unpacks to 40000'),
    })
    expect((await refusal(bookOf(SHEET, 9_000_000))).message).toContain('unpacks to 90')
    expect((await refusal(bookOf(SHEET, 0))).message).toContain('does not say how large it is')
  })

  it('a sheet whose two cells span more than memory', async () => {
    const far = `<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>`
    expect(await refusal(bookOf(SHEET.replace('ROWS', far)))).toMatchObject({ code: 'workbook/shape' })
  })

  const BOMB = `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>${SHEET.replace('ROWS', '<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row>')}`
  const utf16 = (text: string): Uint8Array => new Uint8Array(Buffer.from(`\ufeff${text}`, 'utf16le'))

  it.each([
    ['as it is', {}],
    ['packed', { deflated: true, bytes: new Uint8Array(deflateRawSync(BOMB)) }],
    ['behind a declaration and a long comment', { text: `<?xml version="1.0"?>\n<!-- ${'<worksheet '.repeat(9_000)}-->\n${BOMB}` }],
    ['in UTF-16', { text: '', bytes: utf16(BOMB) }],
    ['in UTF-16, the other way round', { text: '', bytes: new Uint8Array(Buffer.from(utf16(BOMB)).swap16()) }],
    ['of a file outside', { text: BOMB.replace(/\[.*\]/, 'SYSTEM "file:///etc/passwd"') }],
  ])('entities, in any part: %s', async (_, more) => {
    for (const part of ['xl/worksheets/sheet1.xml', 'xl/_rels/workbook.xml.rels', 'xl/of-any-name']) {
      expect(await refusal(bookWith(part, { text: BOMB, ...more }))).toMatchObject({
        code: 'workbook/shape',
        message: `This is no workbook that can be read: its part ${part} declares entities of its own (DOCTYPE)`,
        fix: expect.stringContaining('save it again'),
      })
    }
  })

  it('a part that is not packed as zip files are, or that is damaged', async () => {
    const packed = new Uint8Array(deflateRawSync(BOMB))
    for (const bytes of [packed.slice(0, 20), Uint8Array.from([255, 255, 255])])
      expect(await refusal(bookWith('docProps/custom.xml', { text: BOMB, deflated: true, bytes }))).toMatchObject({
        code: 'workbook/shape',
        message: expect.stringContaining('its part docProps/custom.xml cannot be unpacked'),
      })
  })

  it('not a text that only looks like one', async () => {
    const text = '<row r="1"><c r="A1" t="inlineStr"><is><t><![CDATA[<!DOCTYPE x [<!ENTITY a "b">]>]]></t></is></c></row>'
    const sheet = `<?xml version="1.0"?><!-- <!DOCTYPE x> -->${SHEET.replace('ROWS', text)}`
    const book = await readBook(bookWith('xl/media/image1.svg', { text: '<!DOCTYPE svg><svg/>' }, sheet))
    expect(book.sheets[0]?.value(1, 1)).toBe('<!DOCTYPE x [<!ENTITY a "b">]>')
  })

  it('an encrypted file', async () => {
    const bytes = await writeXlsx({ sheets: [{ name: 'One', rows: [[1]] }], encryption: { password: 'secret', spinCount: 1 } })
    expect(await refusal(bytes)).toMatchObject({
      code: 'workbook/shape',
      message: expect.stringContaining('is encrypted'),
      fix: expect.stringContaining('password'),
    })
  })

  it.each([
    ['an .xls file', Uint8Array.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])],
    ['an .xlsb file', zipOf({ 'xl/workbook.bin': { text: 'x' } })],
    ['an OpenDocument file', zipOf({ mimetype: { text: 'application/vnd.oasis.opendocument.spreadsheet' } })],
    ['no .xlsx file', new TextEncoder().encode('a,b\n1,2\n')],
    ['damaged', Uint8Array.from([0x50, 0x4b, 3, 4, 0, 0])],
  ])('%s', async (what, bytes) => {
    const { code, message, fix } = await refusal(bytes)
    expect(code).toBe('workbook/shape')
    expect(message).toContain(what)
    expect(fix).not.toBe('')
  })
})
