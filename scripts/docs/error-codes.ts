import { readFileSync } from 'node:fs'
import { parseSync } from 'oxc-parser'

/** One error code with its documentation, as it stands in the union. */
export interface DocumentedCode {
  readonly code: string
  readonly text: string
}

/** Reads the union `ErrorCode` of core: every member with the doc comment above it, in order. */
export function readErrorCodes(file: string): DocumentedCode[] {
  const text = readFileSync(file, 'utf8')
  const { program, comments } = parseSync(file, text)
  const alias = program.body.flatMap((statement) => {
    const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : null
    return declared?.type === 'TSTypeAliasDeclaration' && declared.id.name === 'ErrorCode' ? [declared] : []
  })[0]
  const union = alias?.typeAnnotation
  if (alias === undefined || union?.type !== 'TSUnionType') throw new Error(`${file} holds no union ErrorCode`)
  // A comment belongs to the member that follows it; the first one stands before the union's own start.
  let from = alias.start
  return union.types.map((member) => {
    const comment = comments.findLast((c) => c.type === 'Block' && c.start >= from && c.end <= member.start)
    from = member.end
    if (comment === undefined) throw new Error(`an error code at ${member.start} has no comment`)
    if (member.type !== 'TSLiteralType' || member.literal.type !== 'Literal') throw new Error('error codes are literals')
    return { code: String(member.literal.value), text: plain(comment.value) }
  })
}

/** The page `docs/errors.md`. */
export function errorsPage(codes: readonly DocumentedCode[]): string {
  const layers = [...new Set(codes.map(({ code }) => code.split('/')[0] ?? ''))]
  const sections = layers.map((layer) => {
    const rows = codes
      .filter(({ code }) => code.startsWith(`${layer}/`))
      .map(({ code, text }) => `| \`${code}\` | ${text.replaceAll('|', '\\|')} |`)
    return [`## ${layer}`, '', '| code | what it means, what to do |', '|---|---|', ...rows, ''].join('\n')
  })
  return [
    '# Error codes',
    '',
    'Every error of Sheetflow carries a code, says what happened and what to do. This page is made from the list in the code',
    '(`packages/core/src/errors.ts`) by `npm run docs`.',
    '',
    ...sections,
  ].join('\n')
}

function plain(comment: string): string {
  return comment
    .replace(/^\*/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\*?\s?/, ''))
    .join(' ')
    .trim()
}
