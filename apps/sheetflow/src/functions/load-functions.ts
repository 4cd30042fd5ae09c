import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { SheetflowError } from '@sheetflow/core/errors'
import type { FunctionSignatures } from '@sheetflow/core/function-signature'
import type { Functions } from '@sheetflow/core/ports/functions'
import { functionNamed } from '@sheetflow/formula/functions/catalogue'
import { defineFunctions, type FunctionSet } from '@sheetflow/plugin/define-functions'
import { ModuleFunctions } from '@sheetflow/plugin/typescript/module-functions'
import type { LoadedConfig } from '../config/load.ts'
import { offerOwnPackage } from '../config/own-package.ts'

/** Opens the functions that formulas may call: those of the module that the configuration names; none if it names none. */
export async function openFunctions(loaded: Pick<LoadedConfig, 'config' | 'root'>): Promise<Functions> {
  return new ModuleFunctions(await loadFunctions(loaded))
}

/** What formulas must know of them, for whoever compiles files. */
export async function functionSignatures(loaded: Pick<LoadedConfig, 'config' | 'root'>): Promise<FunctionSignatures> {
  if (loaded.config.functions === undefined) return {}
  await using functions = await openFunctions(loaded)
  const declared = await functions.describe()
  // How they are called is no part of it: a deployment is the same whatever that is.
  return Object.fromEntries(declared.map(({ name, maxBatch: _, timeoutMs: __, ...signature }) => [name, signature]))
}

async function loadFunctions({ config, root }: Pick<LoadedConfig, 'config' | 'root'>): Promise<FunctionSet> {
  const file = config.functions
  if (file === undefined) return defineFunctions({})
  let loaded: { default?: unknown }
  offerOwnPackage()
  try {
    loaded = (await import(pathToFileURL(path.resolve(root, file)).href)) as { default?: unknown }
  } catch (error) {
    throw new SheetflowError('config/invalid', `the functions file ${file} cannot be loaded: ${String(error)}`, {
      fix: 'Mend it; its default export is defineFunctions({…}).',
      cause: error,
    })
  }
  if (!(loaded.default instanceof Map)) {
    throw new SheetflowError('config/invalid', `the functions file ${file} has no functions`, {
      fix: 'Write: export default defineFunctions({…})',
    })
  }
  for (const name of (loaded.default as FunctionSet).keys()) {
    if (functionNamed(name) === undefined) continue
    throw new SheetflowError('config/invalid', `function ${name}: ${name.toUpperCase()} is a function of Excel`, {
      fix: 'Choose another name.',
      details: { function: name },
    })
  }
  return loaded.default as FunctionSet
}
