import { FUNCTIONS } from '@sheetflow/formula/functions/catalogue'
import { OPERATORS } from '@sheetflow/formula/functions/operators'
import { signature, type Category, type FunctionDefinition } from '@sheetflow/formula/functions/definition'

const CATEGORIES: Readonly<Record<Category, string>> = {
  operator: 'Operators',
  logical: 'Logical',
  math: 'Math and trigonometry',
  text: 'Text',
  date: 'Date and time',
  lookup: 'Lookup and arrays',
  statistical: 'Statistical',
  financial: 'Financial',
  engineering: 'Engineering',
  information: 'Information',
  database: 'Database',
  ours: 'Of Sheetflow',
}

const MADE = '<!-- Made by `npm run docs` from the definitions of the functions. -->'

/** `docs/functions/`: a page for each category, and an index of all names. */
export function functionPages(): Readonly<Record<string, () => string>> {
  const named = [...OPERATORS, ...FUNCTIONS]
  const used = (Object.keys(CATEGORIES) as Category[]).filter((category) => named.some((one) => one.category === category))
  return {
    'docs/functions/README.md': () => index(named, used),
    ...Object.fromEntries(used.map((category) => [`docs/functions/${category}.md`, () => page(category, named)])),
  }
}

function index(all: readonly FunctionDefinition[], used: readonly Category[]): string {
  const count = all.filter((one) => one.category !== 'operator').length
  const lists = used.map((category) => {
    const names = sorted(all, category).map((one) => `[${code(one.name)}](${category}.md#${anchor(one.name)})`)
    return `## ${CATEGORIES[category]}\n\n${names.join(' · ')}\n`
  })
  return `${MADE}\n\n# Functions\n\nThe ${count} functions that formulas can call; \`sheetflow functions NAME\` shows one on the command line. Each example is run as a test.\n\n${lists.join('\n')}`
}

function page(category: Category, all: readonly FunctionDefinition[]): string {
  const entries = sorted(all, category).map(entry)
  return `${MADE}\n\n# ${CATEGORIES[category]}\n\nThe examples read a row with \`[@price]\` 9.5, \`[@quantity]\` 4, \`[@name]\` "Anna", \`[@blank]\` Blank, and a table \`items\`.\n\n${entries.join('\n')}`
}

function sorted(all: readonly FunctionDefinition[], category: Category): readonly FunctionDefinition[] {
  return all.filter((one) => one.category === category).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function entry(one: FunctionDefinition): string {
  const isOperator = one.category === 'operator'
  const rows = one.examples.map(({ formula, result }) => `| ${cell(formula)} | ${result === '' ? 'Blank' : cell(result)} |`)
  const call = isOperator ? '' : `${code(signature(one))}\n\n`
  const table = rows.length === 0 ? '' : `\n| formula | gives |\n|---|---|\n${rows.join('\n')}\n`
  return `<a id="${anchor(one.name)}"></a>\n\n## ${code(one.name)}\n\n${call}${one.help}\n${table}`
}

/** Pipes end a cell of a table, also inside of code. */
function cell(text: string): string {
  return code(text.replaceAll('|', '\\|'))
}

function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``
}

function anchor(name: string): string {
  return `f-${Array.from(name, (sign) => (/[A-Za-z0-9]/.test(sign) ? sign.toLowerCase() : sign === '.' ? '-' : sign.charCodeAt(0).toString(16))).join('')}`
}
