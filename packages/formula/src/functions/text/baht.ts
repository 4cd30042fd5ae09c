import type { CellError } from '@sheetflow/core/cell-error'
import type { Decimal } from '@sheetflow/core/decimal'
import { cellText } from './define.ts'

const DIGITS = ['ศูนย์', 'หนึ่ง', 'สอง', 'สาม', 'สี่', 'ห้า', 'หก', 'เจ็ด', 'แปด', 'เก้า']
/** Units, tens, hundreds, up to hundreds of thousands. */
const PLACES = ['', 'สิบ', 'ร้อย', 'พัน', 'หมื่น', 'แสน']
const MILLION = 'ล้าน'

/** Six digits at most; `behind`: a million stands before them, so that a lone one reads as one of several. */
function sixDigits(digits: string, behind: boolean): string {
  let words = ''
  for (const [index, char] of Array.from(digits).entries()) {
    const place = digits.length - 1 - index
    const digit = Number(char)
    if (digit === 0) continue
    if (place === 1 && digit === 1) words += 'สิบ'
    else if (place === 1 && digit === 2) words += 'ยี่สิบ'
    else if (place === 0 && digit === 1 && (words !== '' || behind)) words += 'เอ็ด'
    else words += (DIGITS[digit] ?? '') + (PLACES[place] ?? '')
  }
  return words
}

function whole(digits: string): string {
  if (digits.length <= 6) return sixDigits(digits, false)
  const millions = whole(digits.slice(0, -6))
  return `${millions}${MILLION}${sixDigits(digits.slice(-6), true)}`
}

/** An amount of baht and satang in Thai words. */
export function bahtText(amount: Decimal): string | CellError {
  const [baht = '0', satang = '00'] = amount.abs().rescale(2, 'half-away').toString().split('.')
  const minus = amount.sign() < 0 && (baht !== '0' || satang !== '00') ? 'ลบ' : ''
  if (satang === '00') return cellText(`${minus}${baht === '0' ? 'ศูนย์' : whole(baht)}บาทถ้วน`)
  const coins = `${sixDigits(satang.replace(/^0/, ''), false)}สตางค์`
  return cellText(`${minus}${baht === '0' ? '' : `${whole(baht)}บาท`}${coins}`)
}
