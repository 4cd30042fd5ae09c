import type { CellError } from '@sheetflow/core/cell-error'
import { DIV0, NUM } from '../../value/cell-errors.ts'
import { realForm } from '../../value/real.ts'
import type { FunctionDefinition } from '../definition.ts'
import { real } from '../results.ts'
import { realFunction } from './real-function.ts'

/** Angles from here on have too few digits behind the point to say where on the circle they are: `#NUM!`, as in Excel. */
const ANGLE_LIMIT = 2 ** 27

/** A function of an angle in radians. */
function ofAngle(compute: (angle: number) => number): (angle: number) => number | CellError {
  return (angle) => (Math.abs(angle) >= ANGLE_LIMIT ? NUM : compute(angle))
}

/** One divided by a function of an angle; where that is zero `#DIV/0!`. */
function reciprocal(compute: (angle: number) => number): (angle: number) => number | CellError {
  return (angle) => {
    if (Math.abs(angle) >= ANGLE_LIMIT) return NUM
    const value = compute(angle)
    return value === 0 ? DIV0 : 1 / value
  }
}

const PI: FunctionDefinition = {
  name: 'PI',
  category: 'math',
  help: 'The circumference of a circle by its diameter.',
  params: [],
  result: real,
  evaluation: {
    mode: 'strict',
    make: ({ result }) => {
      const pi = realForm(result)(Math.PI)
      return () => pi
    },
  },
  volatility: 'pure',
  examples: [
    { formula: '=ROUND(PI(), 6)', result: '3.141593' },
    { formula: '=PI()*[@blank]', result: '0' },
    { formula: '=PI()/0', result: '#DIV/0!' },
  ],
}

const ATAN2: FunctionDefinition = {
  name: 'ATAN2',
  category: 'math',
  help: 'The angle from the x axis to the point (x, y), in radians above −π up to π.',
  params: [
    { name: 'x', kind: 'real' },
    { name: 'y', kind: 'real' },
  ],
  result: real,
  evaluation: {
    mode: 'strict',
    make: ({ result }) => {
      const form = realForm(result)
      return (x: number, y: number) => (x === 0 && y === 0 ? DIV0 : form(Math.atan2(y, x)))
    },
  },
  volatility: 'pure',
  examples: [
    { formula: '=DEGREES(ATAN2(-1, 0))', result: '180' },
    { formula: '=ROUND(ATAN2(1, 1), 6)', result: '0.785398' },
    { formula: '=ATAN2([@price], [@blank])', result: '0' },
    { formula: '=ATAN2(0, 0)', result: '#DIV/0!' },
  ],
}

/** Angles and their functions. */
export const TRIGONOMETRY: readonly FunctionDefinition[] = [
  PI,
  realFunction('SIN', 'The sine of an angle in radians.', ofAngle(Math.sin), [
    { formula: '=ROUND(SIN(PI()/6), 6)', result: '0.5' },
    { formula: '=SIN([@blank])', result: '0' },
    { formula: '=SIN(134217728)', result: '#NUM!' },
  ]),
  realFunction('COS', 'The cosine of an angle in radians.', ofAngle(Math.cos), [
    { formula: '=ROUND(COS(PI()/3), 6)', result: '0.5' },
    { formula: '=COS([@blank])', result: '1' },
    { formula: '=COS("a")', result: '#VALUE!' },
  ]),
  realFunction('TAN', 'The tangent of an angle in radians.', ofAngle(Math.tan), [
    { formula: '=ROUND(TAN(PI()/4), 6)', result: '1' },
    { formula: '=TAN([@blank])', result: '0' },
    { formula: '=TAN(#N/A)', result: '#N/A' },
  ]),
  realFunction('COT', 'The cotangent of an angle in radians: 1/TAN.', reciprocal(Math.tan), [
    { formula: '=ROUND(COT(30), 3)', result: '-0.156' },
    { formula: '=ROUND(COT(PI()/4), 6)', result: '1' },
    { formula: '=COT([@blank])', result: '#DIV/0!' },
  ]),
  realFunction('SEC', 'The secant of an angle in radians: 1/COS.', reciprocal(Math.cos), [
    { formula: '=ROUND(SEC(45), 5)', result: '1.90359' },
    { formula: '=SEC([@blank])', result: '1' },
    { formula: '=SEC(-134217728)', result: '#NUM!' },
  ]),
  realFunction('CSC', 'The cosecant of an angle in radians: 1/SIN.', reciprocal(Math.sin), [
    { formula: '=ROUND(CSC(15), 3)', result: '1.538' },
    { formula: '=ROUND(CSC(PI()/2), 6)', result: '1' },
    { formula: '=CSC([@blank])', result: '#DIV/0!' },
  ]),
  realFunction('ASIN', 'The angle whose sine this is, in radians from −π/2 to π/2.', Math.asin, [
    { formula: '=ROUND(DEGREES(ASIN(-0.5)), 6)', result: '-30' },
    { formula: '=ASIN([@blank])', result: '0' },
    { formula: '=ASIN(1.01)', result: '#NUM!' },
  ]),
  realFunction('ACOS', 'The angle whose cosine this is, in radians from 0 to π.', Math.acos, [
    { formula: '=ROUND(DEGREES(ACOS(-0.5)), 6)', result: '120' },
    { formula: '=ROUND(ACOS([@blank]), 6)', result: '1.570796' },
    { formula: '=ACOS(-1.01)', result: '#NUM!' },
  ]),
  realFunction('ATAN', 'The angle whose tangent this is, in radians from −π/2 to π/2.', Math.atan, [
    { formula: '=ROUND(DEGREES(ATAN(1)), 6)', result: '45' },
    { formula: '=ATAN([@blank])', result: '0' },
    { formula: '=ATAN("a")', result: '#VALUE!' },
  ]),
  ATAN2,
  realFunction('ACOT', 'The angle whose cotangent this is, in radians from 0 to π.', (number) => Math.atan2(1, number), [
    { formula: '=ROUND(ACOT(2), 4)', result: '0.4636' },
    { formula: '=ROUND(DEGREES(ACOT(-1)), 6)', result: '135' },
    { formula: '=ROUND(ACOT([@blank]), 6)', result: '1.570796' },
    { formula: '=ACOT("a")', result: '#VALUE!' },
  ]),
  realFunction('DEGREES', 'Radians as degrees.', (radians) => (radians * 180) / Math.PI, [
    { formula: '=DEGREES(PI())', result: '180' },
    { formula: '=DEGREES([@blank])', result: '0' },
    { formula: '=DEGREES("a")', result: '#VALUE!' },
  ]),
  realFunction('RADIANS', 'Degrees as radians.', (degrees) => (degrees * Math.PI) / 180, [
    { formula: '=ROUND(RADIANS(270), 6)', result: '4.712389' },
    { formula: '=RADIANS([@blank])', result: '0' },
    { formula: '=RADIANS("a")', result: '#VALUE!' },
  ]),
]
