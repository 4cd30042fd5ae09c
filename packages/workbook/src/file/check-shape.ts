import { isMap, isScalar, isSeq, type Node } from 'yaml'
import { didYouMean } from '@sheetflow/formula/suggest'
import type { Findings } from '../diagnostic.ts'
import type { Field, Shape } from './shape.ts'
import { entriesOf, isBlank, itemsOf, placeOf, rangeOf, scalarText, type YamlFile } from './yaml-file.ts'

/** Checks a file against its shape: unknown keys, keys out of order, values of the wrong kind. */
export function checkShape(file: YamlFile, shape: Shape, findings: Findings): void {
  if (file.contents !== null) new Checker(file, findings).check(file.contents, shape, '')
}

class Checker {
  readonly #file: YamlFile
  readonly #findings: Findings

  constructor(file: YamlFile, findings: Findings) {
    this.#file = file
    this.#findings = findings
  }

  check(node: Node | null, shape: Shape, name: string): void {
    switch (shape.kind) {
      case 'text':
        return this.#checkText(node, shape, name)
      case 'rule':
        return this.#checkRule(node, name)
      case 'word':
        if (!shape.words.includes(scalarText(node) ?? ''))
          this.#report(node, `"${name}" is ${shape.words.map((word) => `"${word}"`).join(' or ')}`)
        return
      case 'value':
        if (!isBlank(node) && !isScalar(node)) this.#report(node, `"${name}" takes one value`)
        return
      case 'list':
        if (!isBlank(node) && !isSeq(node))
          return this.#report(node, `"${name}" takes a list`, `write [${sample(node)}] or one item a line with "- "`)
        return itemsOf(node).forEach((item) => this.check(item, shape.of, name))
      case 'map':
        if (!isBlank(node) && !isMap(node)) return this.#report(node, `"${name}" takes entries "name: …"`)
        return entriesOf(node).forEach((entry) => this.check(entry.value, shape.of, entry.name))
      case 'record':
        if (!isBlank(node) && !isMap(node)) return this.#report(node, `"${name}" takes the keys ${keysOf(shape.fields)}`)
        return this.#checkRecord(node, shape.fields)
      case 'either':
        return this.#checkEither(node, shape.shapes, name)
    }
  }

  #checkText(node: Node | null, shape: Shape & { kind: 'text' }, name: string): void {
    if (isBlank(node) && shape.formula !== true) return
    const text = scalarText(node)
    if (text === null) return this.#report(node, `"${name}" takes ${shape.formula === true ? 'a formula' : 'a text'}`)
    if (shape.formula === true && !text.startsWith('='))
      this.#report(node, `"${name}" takes a formula, and a formula begins with "="`, `write =${text.length > 40 ? '…' : text}`)
    if (shape.pattern !== undefined && !shape.pattern.test(text)) this.#report(node, `"${text}" does not fit "${name}"`)
  }

  #checkRule(node: Node | null, name: string): void {
    const text = scalarText(node) ?? ''
    if (text === 'all' || text.startsWith('=')) return
    this.#report(
      node,
      `"${name}" takes "all" or a formula, and a formula begins with "="`,
      text === '' ? `write ${name}: all` : `write ${name}: '=${text}'`,
    )
  }

  #checkRecord(node: Node | null, fields: readonly Field[]): void {
    let last = -1
    for (const { key, name, value } of entriesOf(node)) {
      const index = fields.findIndex((field) => field.name === name)
      const field = fields[index]
      if (field === undefined) {
        const fix =
          didYouMean(
            name,
            fields.map((one) => one.name),
          ) ?? `the keys here are ${keysOf(fields)}`
        this.#findings.error('workbook/shape', placeOf(this.#file, key), `"${name}" is not known here`, { fix })
        continue
      }
      if (index < last) {
        this.#findings.warning(
          'workbook/shape',
          placeOf(this.#file, key),
          `"${name}" stands before "${fields[last]?.name ?? ''}" in every sheet`,
          { fix: '`sheetflow fmt` brings the keys in order' },
        )
      }
      last = Math.max(last, index)
      this.check(value, field.shape, name)
    }
  }

  #checkEither(node: Node | null, shapes: readonly Shape[], name: string): void {
    const fitting = shapes.find((shape) => fits(node, shape))
    if (fitting !== undefined) return this.check(node, fitting, name)
    this.#report(node, `"${name}" takes ${shapes.map(label).join(' or ')}`)
  }

  #report(node: Node | null, message: string, fix?: string): void {
    const { start, end } = rangeOf(node)
    this.#findings.error('workbook/shape', { file: this.#file.path, start, end }, message, fix === undefined ? {} : { fix })
  }
}

function fits(node: Node | null, shape: Shape): boolean {
  switch (shape.kind) {
    case 'text':
    case 'rule':
    case 'word':
    case 'value':
      return node === null || isScalar(node)
    case 'list':
      return isSeq(node)
    case 'map':
    case 'record':
      return isMap(node)
    case 'either':
      return shape.shapes.some((one) => fits(node, one))
  }
}

function label(shape: Shape): string {
  switch (shape.kind) {
    case 'text':
    case 'rule':
    case 'word':
    case 'value':
      return 'a text'
    case 'list':
      return 'a list'
    case 'map':
    case 'record':
      return 'entries "name: …"'
    case 'either':
      return shape.shapes.map(label).join(' or ')
  }
}

function keysOf(fields: readonly Field[]): string {
  return fields.map((field) => field.name).join(' ')
}

function sample(node: Node | null): string {
  const text = scalarText(node)
  return text === null || text.length > 30 ? '…' : text
}
