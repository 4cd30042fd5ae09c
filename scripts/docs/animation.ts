/**
 * `npm run docs:animation`: makes `docs/images/shop.gif`, the moving picture of the README, from the demo shop in a real Chromium. Needs `ffmpeg` on the
 * path, and Chromium as the end-to-end suite does.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { chromium, type Page } from 'playwright-core'

const ROOT = path.join(import.meta.dirname, '../..')
const TARGET = path.join(ROOT, 'docs/images/shop.gif')

const SIZE = { width: 1160, height: 640 }
const WIDTH = 800
const FRAMES_PER_SECOND = 7
const SECONDS = 7
/** When the pointer ships an order. */
const SHIP_AT_SECONDS = 2.5
const BUTTON = '.orders tbody tr:nth-child(4) sf-button button'

const work = mkdtempSync(path.join(tmpdir(), 'animation-'))
const shop = startShop(path.join(work, 'data'))
try {
  const count = await takeFrames(await addressOf(shop), work)
  encode(work)
  process.stdout.write(`${path.relative(ROOT, TARGET)}: ${count} frames, ${Math.round(statSync(TARGET).size / 1000)} kB\n`)
} finally {
  const ended = new Promise((resolve) => shop.once('exit', resolve))
  shop.kill('SIGINT')
  await ended
  rmSync(work, { recursive: true, force: true })
}

function startShop(data: string): ChildProcess {
  const args = ['scripts/launch.mjs', 'examples/shop/start.ts', '--json', '--port', '0', '--rate', '3', '--data', data]
  return spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] })
}

/** The page's address, as the first line of `--json` says it. */
function addressOf(process: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    process.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      const line = text.includes('\n') ? text.slice(0, text.indexOf('\n')) : ''
      if (line !== '') resolve((JSON.parse(line) as { urls: { page: string } }).urls.page)
    })
    process.once('exit', (code) => reject(new Error(`the shop ended with ${String(code)}: ${text}`)))
  })
}

/** Frames at an even pace, and the list of them for ffmpeg; how many there are. */
async function takeFrames(url: string, folder: string): Promise<number> {
  const browser = await chromium.launch({ executablePath: process.env['SHEETFLOW_BROWSER'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] })
  const page = await browser.newPage({ viewport: SIZE, colorScheme: 'light' })
  await page.goto(url)
  await page.waitForSelector('sf-status[data-state="live"]')
  await showPointer(page)
  const total = SECONDS * FRAMES_PER_SECOND
  const began = performance.now()
  for (let frame = 0; frame < total; frame += 1) {
    if (frame === Math.round((SHIP_AT_SECONDS - 1) * FRAMES_PER_SECOND)) await page.hover(BUTTON)
    if (frame === Math.round(SHIP_AT_SECONDS * FRAMES_PER_SECOND)) await page.click(BUTTON)
    await page.screenshot({ path: path.join(folder, `${String(frame).padStart(3, '0')}.png`) })
    await page.waitForTimeout(Math.max(0, began + ((frame + 1) * 1000) / FRAMES_PER_SECOND - performance.now()))
  }
  await browser.close()
  return total
}

/** Screenshots have no pointer: a drawn one follows the mouse. */
async function showPointer(page: Page): Promise<void> {
  await page.evaluate(() => {
    const pointer = document.createElement('div')
    pointer.style.cssText =
      'position:fixed;z-index:9;inset:75% auto auto 60%;inline-size:20px;block-size:20px;pointer-events:none;transition:left .5s,top .5s'
    pointer.innerHTML = '<svg viewBox="0 0 20 20"><path d="M3 2l5 14 2.3-5.7L16 8z" fill="#111" stroke="#fff" stroke-width="1.4"/></svg>'
    document.body.append(pointer)
    document.addEventListener('mousemove', ({ clientX, clientY }) => {
      pointer.style.left = `${clientX}px`
      pointer.style.top = `${clientY}px`
    })
  })
}

/** One palette for all frames; only what changes is stored. */
function encode(folder: string): void {
  mkdirSync(path.dirname(TARGET), { recursive: true })
  const filter = `scale=${WIDTH}:-1:flags=lanczos,split[a][b];[a]palettegen=max_colors=128:stats_mode=full[p];[b][p]paletteuse=dither=none:diff_mode=rectangle`
  const frames = path.join(folder, '%03d.png')
  const args = ['-y', '-loglevel', 'error', '-framerate', String(FRAMES_PER_SECOND), '-i', frames, '-vf', filter, '-loop', '0', TARGET]
  const { status, error } = spawnSync('ffmpeg', args, { stdio: 'inherit' })
  if (status !== 0) throw new Error(`ffmpeg failed: ${error?.message ?? `exit ${String(status)}`}`)
}
