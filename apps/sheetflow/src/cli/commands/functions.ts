import { SheetflowError } from '@sheetflow/core/errors'
import { FUNCTIONS, functionNamed } from '@sheetflow/formula/functions/catalogue'
import { signature, type FunctionDefinition } from '@sheetflow/formula/functions/definition'
import { didYouMean } from '@sheetflow/formula/suggest'
import type { CliCommand } from '../command.ts'
import { EXIT } from '../exit-code.ts'
import { dim } from '../output.ts'

/** `sheetflow functions`: all that formulas can call, or one of them with its parameters and examples. */
export const functions: CliCommand = {
  name: 'functions',
  summary: 'list the functions of formulas, or explain one',
  usage: 'functions [NAME] [--json]',
  takes: 1,
  options: {},
  run({ positionals }, output) {
    const [name] = positionals
    const chosen = name === undefined ? FUNCTIONS : [find(name)]
    const sorted = chosen.toSorted((a, b) => (a.name < b.name ? -1 : 1))
    for (const one of sorted) {
      const text = name === undefined ? `${signature(one)}  ${dim(one.help)}` : described(one)
      output.event('function', fieldsOf(one), text)
    }
    return Promise.resolve(EXIT.ok)
  },
}

function find(name: string): FunctionDefinition {
  const found = functionNamed(name)
  if (found !== undefined) return found
  const fix = didYouMean(
    name,
    FUNCTIONS.map((one) => one.name),
  )
  throw new SheetflowError('app/usage', `there is no function ${name}`, { fix: fix ?? 'sheetflow functions lists all of them' })
}

function fieldsOf({ name, category, help, params, repeat, examples, volatility }: FunctionDefinition): Readonly<Record<string, unknown>> {
  const shown = params.map((one) => ({ name: one.name, kind: one.kind, optional: one.optional === true }))
  return { name, category, help, params: shown, repeat: repeat ?? 0, volatility, examples }
}

function described(one: FunctionDefinition): string {
  const examples = one.examples.map(({ formula, result }) => `  ${formula}  ${dim('→')} ${result === '' ? dim('Blank') : result}`)
  return [signature(one), one.help, '', ...examples].join('\n')
}
