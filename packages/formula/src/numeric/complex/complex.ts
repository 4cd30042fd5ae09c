/** A complex number and the letter that it was written with; null: none was needed. */
export interface Complex {
  readonly re: number
  readonly im: number
  readonly unit: 'i' | 'j' | null
}

const NUMBER = String.raw`(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?`
const REAL = new RegExp(`^[+-]?${NUMBER}$`)
const IMAGINARY = new RegExp(`^([+-]?(?:${NUMBER})?)([ij])$`)
const BOTH = new RegExp(`^([+-]?${NUMBER})([+-](?:${NUMBER})?)([ij])$`)
/** A complex number has at most two numbers of so many characters. */
const LONGEST = 1_000

/** Reads `3+4i`, `-j`, `2.5`; null: it is none. */
export function parseComplex(text: string): Complex | null {
  if (text.length > LONGEST) return null
  if (REAL.test(text)) return finite(Number(text), 0, null)
  const imaginary = IMAGINARY.exec(text)
  if (imaginary !== null) return finite(0, coefficient(imaginary[1]), unitOf(imaginary[2]))
  const both = BOTH.exec(text)
  return both === null ? null : finite(Number(both[1]), coefficient(both[2]), unitOf(both[3]))
}

function finite(re: number, im: number, unit: Complex['unit']): Complex | null {
  return Number.isFinite(re) && Number.isFinite(im) ? { re, im, unit } : null
}

/** `+` and nothing are 1, `-` is −1. */
function coefficient(text: string | undefined): number {
  if (text === undefined || text === '' || text === '+') return 1
  return text === '-' ? -1 : Number(text)
}

function unitOf(letter: string | undefined): 'i' | 'j' {
  return letter === 'j' ? 'j' : 'i'
}

/** Writes it as Excel does: parts that are 0 left out, a coefficient of 1 too. `number` writes one of its parts. */
export function printComplex({ re, im, unit }: Complex, number: (part: number) => string): string {
  const letter = unit ?? 'i'
  if (im === 0) return number(re + 0)
  const written = im === 1 ? '' : im === -1 ? '-' : number(im)
  if (re === 0) return written + letter
  return `${number(re)}${im > 0 ? '+' : ''}${written}${letter}`
}

/** A complex number without a letter: what the arithmetic gives. */
export type Point = Pick<Complex, 're' | 'im'>

export function add(a: Point, b: Point): Point {
  return { re: a.re + b.re, im: a.im + b.im }
}

export function subtract(a: Point, b: Point): Point {
  return { re: a.re - b.re, im: a.im - b.im }
}

export function multiply(a: Point, b: Point): Point {
  return { re: a.re * b.re - a.im * b.im, im: a.re * b.im + a.im * b.re }
}

/** By Smith's method, which overflows no sooner than the result does; by 0 not a number. */
export function divide(a: Point, b: Point): Point {
  if (Math.abs(b.re) >= Math.abs(b.im)) {
    const ratio = b.im / b.re
    const scale = b.re + b.im * ratio
    return { re: (a.re + a.im * ratio) / scale, im: (a.im - a.re * ratio) / scale }
  }
  const ratio = b.re / b.im
  const scale = b.re * ratio + b.im
  return { re: (a.re * ratio + a.im) / scale, im: (a.im * ratio - a.re) / scale }
}

export function modulus({ re, im }: Point): number {
  return Math.hypot(re, im)
}

export function argument({ re, im }: Point): number {
  return Math.atan2(im, re)
}

/** From modulus and argument. */
export function polar(radius: number, angle: number): Point {
  return { re: radius * Math.cos(angle), im: radius * Math.sin(angle) }
}

export function exp({ re, im }: Point): Point {
  return polar(Math.exp(re), im)
}

/** The logarithm with an imaginary part from −π to π. */
export function ln(a: Point): Point {
  return { re: Math.log(modulus(a)), im: argument(a) }
}

export function sin({ re, im }: Point): Point {
  return { re: Math.sin(re) * Math.cosh(im), im: Math.cos(re) * Math.sinh(im) }
}

export function cos({ re, im }: Point): Point {
  return { re: Math.cos(re) * Math.cosh(im), im: -Math.sin(re) * Math.sinh(im) }
}

export function sinh({ re, im }: Point): Point {
  return { re: Math.sinh(re) * Math.cos(im), im: Math.cosh(re) * Math.sin(im) }
}

export function cosh({ re, im }: Point): Point {
  return { re: Math.cosh(re) * Math.cos(im), im: Math.sinh(re) * Math.sin(im) }
}

/** Beyond this e^(2x) is no double, and tangents differ from ±i by less than one. */
const FLAT = 350

/** By the double angle, which loses no digits where sine and cosine nearly cancel. */
export function tan({ re, im }: Point): Point {
  if (Math.abs(im) > FLAT) return { re: 0, im: Math.sign(im) }
  const scale = Math.cos(2 * re) + Math.cosh(2 * im)
  return { re: Math.sin(2 * re) / scale, im: Math.sinh(2 * im) / scale }
}

/** As `tan`; at 0 not a number. */
export function cot({ re, im }: Point): Point {
  if (Math.abs(im) > FLAT) return { re: 0, im: -Math.sign(im) }
  const scale = Math.cosh(2 * im) - Math.cos(2 * re)
  return { re: Math.sin(2 * re) / scale, im: -Math.sinh(2 * im) / scale }
}
