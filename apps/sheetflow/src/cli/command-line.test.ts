import { isSheetflowError, SheetflowError } from '@sheetflow/core/errors'
import { expect, test, vi } from 'vitest'
import { exitCodeOf } from './exit-code.ts'
import { flagLayer } from './flags.ts'
import { nearest } from './nearest.ts'
import { parseLine, refuseArguments } from './options.ts'
import { runCli } from './run.ts'

const PORT = { port: { type: 'string', value: 'N', help: 'port' } } as const

function refusal(run: () => unknown): { readonly code: string; readonly text: string; readonly exit: number } {
  try {
    run()
  } catch (error) {
    if (!isSheetflowError(error)) throw error
    return { code: error.code, text: `${error.message} | ${error.fix ?? ''}`, exit: exitCodeOf(error) }
  }
  throw new Error('nothing was refused')
}

test('letters that changed places are one slip: --prot is --port', () => {
  expect(nearest('prot', ['port', 'host', 'help'])).toBe('port')
  expect(nearest('dve', ['dev', 'test'])).toBe('dev')
  expect(nearest('zebra', ['dev', 'test'])).toBeUndefined()
  expect(refusal(() => parseLine(['--prot', '1'], PORT)).text).toContain('Did you mean --port?')
})

test('an option without its value says what it takes, not what was meant', () => {
  const { text, exit } = refusal(() => parseLine(['--port'], PORT))
  expect(text).toBe('--port needs a value | For example --port N.')
  expect(exit).toBe(2)
})

test('a port that is none is a mistake of the command line, not of the configuration', () => {
  const { code, text } = refusal(() => flagLayer({ port: '99999' }))
  expect(code).toBe('app/usage')
  expect(text).toContain('0 to 65535')
})

test('words that a command does not take are refused with what it takes', () => {
  expect(() => refuseArguments(['a'], Infinity, 'lint')).not.toThrow()
  expect(refusal(() => refuseArguments(['foo'], 0, 'sheetflow dev [--port N]')).text).toBe(
    "'foo' means nothing here | Usage: sheetflow dev [--port N]",
  )
})

test('a server that does not answer is unreachable: 4', () => {
  expect(exitCodeOf(new SheetflowError('client/offline', 'nobody answers'))).toBe(4)
})

test('with --json the schema of the configuration is one line, as everything is', async () => {
  const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true)
  const code = await runCli(['config', '--schema', '--json'])
  const printed = write.mock.calls.map(([text]) => String(text)).join('')
  write.mockRestore()
  expect(code).toBe(0)
  expect(printed).toMatch(/^\{.*\}\n$/)
})
