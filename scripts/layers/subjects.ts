import { Visitor } from 'oxc-parser'
import { LAYERS } from '../../layers.mjs'
import type { SourceFile } from './source-file.ts'
import type { Violation } from './violation.ts'

/** The one place where streams and subjects are spelled. */
const SPELLED = 'packages/core/src/subject.ts'

const NAME = /^(?:sf\.(?:src|wb|graph|in)\.|SF_(?:SRC|GRAPH|IN_SRC|IN_GRAPH)_)/

/** A subject written by hand is right until FORMATS 3 changes, and escapes no foreign name. */
export function checkSubjects(file: SourceFile): Violation[] {
  const layer = file.layer === undefined ? undefined : LAYERS[file.layer]
  if (layer === undefined || !layer.coded || file.isTest || file.path === SPELLED) return []
  const found: Violation[] = []
  const look = (text: string, start: number): void => {
    if (!NAME.test(text)) return
    found.push({
      file: file.path,
      line: file.lineOf(start),
      why: `'${text}…' is spelled by hand`,
      fix: `take the name of a stream or subject from ${SPELLED}`,
    })
  }
  new Visitor({
    Literal: (node) => {
      if (typeof node.value === 'string') look(node.value, node.start)
    },
    TemplateLiteral: (node) => look(node.quasis[0]?.value.raw ?? '', node.start),
  }).visit(file.program)
  return found
}
