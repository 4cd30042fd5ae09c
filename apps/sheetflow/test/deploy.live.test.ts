import { execFile } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { natsServer } from '@sheetflow/testkit/nats/binaries'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { freePorts } from './free-ports.ts'
import { NODE_ARGUMENTS, ProcessRing, type RoleProcess } from './process-ring.ts'

/**
 * What lies in `deploy/`, as far as it can be run without a container engine and without systemd: the files are read as those programs read them, and the command lines in them are started
 * as processes, with addresses of this machine in place of theirs.
 */

const DEPLOY = fileURLToPath(new URL('../../../deploy/', import.meta.url))
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const UNIT = 'systemd/sheetflow@.service'
const PATIENT = { timeout: 120_000 }
const run = promisify(execFile)

interface Service {
  readonly image: string
  readonly build?: { readonly context: string; readonly dockerfile: string }
  readonly command?: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly volumes?: readonly string[]
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>
  readonly healthcheck?: { readonly test: readonly string[] }
}

const { services, volumes } = parse(text('compose.yaml'), { merge: true }) as {
  services: Readonly<Record<string, Service>>
  volumes: Readonly<Record<string, unknown>>
}
const ours = Object.entries(services).filter(([, { image }]) => image === 'sheetflow')

function text(name: string): string {
  return readFileSync(path.join(DEPLOY, name), 'utf8')
}

/** The value behind `--name`. */
function flag(args: readonly string[], name: string): string {
  const at = args.indexOf(`--${name}`)
  return at < 0 ? '' : (args[at + 1] ?? '')
}

test('compose.yaml names files, volumes and services that are there', () => {
  const all = Object.values(services)
  const mounted = all.flatMap(({ volumes: mounts = [] }) => mounts.map((mount) => mount.replace(/\$\{[^}]*\}/g, '$').split(':')[0] ?? ''))
  const files = [
    ...mounted.filter((from) => from.startsWith('./')).map((from) => path.join(DEPLOY, from)),
    ...all.flatMap(({ build }) => (build === undefined ? [] : [path.resolve(DEPLOY, build.context, build.dockerfile)])),
  ]
  expect(files.length).toBeGreaterThan(2)
  expect(files.filter((file) => !existsSync(file))).toEqual([])
  const named = mounted.filter((from) => from !== '$' && !from.startsWith('./'))
  expect(new Set(named)).toEqual(new Set(Object.keys(volumes)))
  const needed = all.flatMap(({ depends_on: needs = [] }) => (Array.isArray(needs) ? (needs as string[]) : Object.keys(needs)))
  expect(needed.filter((name) => services[name] === undefined)).toEqual([])
  const backends = [...text('haproxy.cfg').matchAll(/^ {2}server \S+ (\S+):(\d+)/gm)].map(([, host = '', port = '']) => [host, port])
  const serving = ours.filter(([, { command = [] }]) => flag(command, 'roles').includes('serve'))
  expect(backends).toEqual(serving.map(([name, { command = [] }]) => [name, flag(command, 'port')]))
})

test('the image starts what is started here', () => {
  const [, entry = '[]'] = /^ENTRYPOINT (.*)$/m.exec(text('Dockerfile')) ?? []
  const [program, ...args] = (JSON.parse(entry) as string[]).map((word) => word.replace('/sheetflow/', ROOT))
  expect([program, args]).toEqual(['node', NODE_ARGUMENTS])
})

test("the server of compose.yaml takes NATS' configuration", async () => {
  const { path: program } = await natsServer()
  const { stderr, stdout } = await run(program, ['-t', '-c', path.join(DEPLOY, 'nats.conf')])
  expect(`${stdout}${stderr}`).toContain('is valid')
})

test('the command lines of compose.yaml run as processes, are healthy, and bring a row to a client', { timeout: 400_000 }, async () => {
  await using ring = await ProcessRing.create()
  const ports = [...(await freePorts(2 * ours.length))]
  const started = new Map<string, { readonly process: RoleProcess; readonly opsPort: number }>()
  for (const [name, service] of ours) {
    const [port = 0, opsPort = 0] = ports.splice(0, 2)
    started.set(name, { opsPort, process: startService(ring, service, port, opsPort) })
  }
  await Promise.all([...started.values()].map(({ process }) => process.ready))
  const page = await ring.follow((started.get('serve-a') as { process: RoleProcess }).process)
  const note = await ring.note()
  await expect.poll(() => JSON.stringify(page.picture.fields), PATIENT).toContain(note)
  for (const [name, { opsPort }] of started) {
    const [kind, program, ...args] = services[name]?.healthcheck?.test ?? []
    expect([kind, program]).toEqual(['CMD', 'node'])
    await run(
      process.execPath,
      args.map((word) => word.replace('9464', String(opsPort))),
    )
  }
  expect(await started.get('serve-b')?.process.stop('SIGTERM')).toBe(0)
})

function startService(ring: ProcessRing, service: Service, port: number, opsPort: number): RoleProcess {
  const data = (service.volumes ?? []).find((mount) => mount.endsWith(':/data'))?.split(':')[0] ?? ''
  const env = {
    ...service.environment,
    SHEETFLOW_DATA: ring.folder(data),
    SHEETFLOW_BUS: ring.nats.url,
    SHEETFLOW_OPS_PORT: String(opsPort),
    SHEETFLOW_OPS_HOST: '127.0.0.1',
  }
  const here: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '4000': String(port) }
  return ring.startWith(
    (service.command ?? []).map((word) => here[word] ?? word),
    env,
  )
}

test('the command lines of the unit run as processes', { timeout: 400_000 }, async () => {
  await using ring = await ProcessRing.create()
  const [, line = ''] = /^ExecStart=\S+ (.*)$/m.exec(text(UNIT)) ?? []
  const all = [...text(UNIT).matchAll(/^# {3}ARGUMENTS=(.*)$/gm)].map(([, words = '']) => words)
  expect(all.length).toBe(2)
  const processes = all.map((words, i) => {
    const args = line.replace('/var/lib/sheetflow/%i', ring.folder(`instance-${i}`)).replace('$ARGUMENTS', words.replace('4000', '0'))
    return ring.startWith(args.split(' '), {})
  })
  await Promise.all(processes.map(({ ready }) => ready))
  const page = await ring.follow(processes[1] as RoleProcess)
  const note = await ring.note()
  await expect.poll(() => JSON.stringify(page.picture.fields), PATIENT).toContain(note)
  // As systemd ends them.
  for (const each of processes) expect(await each.stop('SIGTERM')).toBe(0)
})

test('systemd reads the unit without a word', async (context) => {
  const analyze = await run('systemd-analyze', ['--version']).catch(() => null)
  if (analyze === null) return context.skip('there is no systemd-analyze here')
  const dir = mkdtempSync(path.join(tmpdir(), 'unit-'))
  try {
    const unit = path.join(dir, path.basename(UNIT))
    copyFileSync(path.join(DEPLOY, UNIT), unit)
    // The program need not be installed where the test runs.
    writeFileSync(unit, readFileSync(unit, 'utf8').replace('/usr/local/bin/sheetflow', process.execPath))
    const { stdout, stderr } = await run('systemd-analyze', ['verify', unit.replace('@.', '@serve-a.')])
    expect(`${stdout}${stderr}`).toBe('')
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})
