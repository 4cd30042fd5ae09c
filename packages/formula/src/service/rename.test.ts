import { describe, expect, it } from 'vitest'
import { SALES } from '../testing/sales-scope.ts'
import { rename, type RenameTarget } from './rename.ts'

const TOTAL: RenameTarget = { kind: 'column', relation: 'shop!orders', name: 'total' }

describe('renaming rewrites exactly the places that mean it', () => {
  it.each<[string, RenameTarget, string, string]>([
    ['=[@total]*2', TOTAL, 'amount', '=[@amount]*2'],
    ['=[@total]*2', TOTAL, 'net amount', '=[@[net amount]]*2'],
    ['=[@[total]]*2', TOTAL, 'net amount', '=[@[net amount]]*2'],
    ['=[@ total ]', TOTAL, 'a b', '=[@ [a b]]'],
    ['=SUM([total])', TOTAL, 'net amount', '=SUM([net amount])'],
    ['=SUM( Shop!Orders[ToTal] )  +  1', TOTAL, "it's [net]", "=SUM( Shop!Orders[it''s '[net']] )  +  1"],
    ['=[@total]&shop!customers[total]&"total"', TOTAL, 'x', '=[@x]&shop!customers[total]&"total"'],
    ['=shop!orders[[id]:[total]]', TOTAL, '#1', "=shop!orders[[id]:['#1]]"],
    ['=[[#This Row],[total]]', TOTAL, 'x', '=[[#This Row],[x]]'],
    ['=LET(total, 1, total+[@total])', TOTAL, 'x', '=LET(total, 1, total+[@x])'],
    [
      '=SUM(shop!orders[total])+ROWS(open_orders)',
      { kind: 'table', relation: 'shop!orders' },
      'sold',
      '=SUM(shop!sold[total])+ROWS(open_orders)',
    ],
    ['=ROWS(open_orders)', { kind: 'table', relation: 'sales.open_orders' }, 'still open', "=ROWS('still open')"],
    ['=open_orders[total]', { kind: 'table', relation: 'sales.open_orders' }, "it's", "='it''s'[total]"],
    ['=(VAT)+vat*[@total]&"VAT"', { kind: 'value', name: 'VAT' }, 'TAX', '=(TAX)+TAX*[@total]&"VAT"'],
    ['=GROSS(VAT, 1)', { kind: 'value', name: 'gross' }, 'BRUTTO', '=BRUTTO(VAT, 1)'],
    ['=LET(vat, 1, vat)+VAT', { kind: 'value', name: 'VAT' }, 'TAX', '=LET(vat, 1, vat)+TAX'],
    ['=LET(x, 1, f, LAMBDA(x, x+1), f(x)+x)', { kind: 'local', at: 5 }, 'first', '=LET(first, 1, f, LAMBDA(x, x+1), f(first)+first)'],
    ['=LET(f, LAMBDA(y, y*2), f(f(1)))', { kind: 'local', at: 24 }, 'twice', '=LET(twice, LAMBDA(y, y*2), twice(twice(1)))'],
    ['=LET(x, 1, x)', { kind: 'local', at: 5 }, 'X', '=LET(X, 1, X)'],
    ['=[@total', TOTAL, 'x', '=[@x'],
    ['=1', TOTAL, 'x', '=1'],
  ])('%s', (text, what, to, wanted) => {
    expect(rename(text, what, to, SALES)).toMatchObject({ text: wanted, problems: [] })
  })

  it.each<[string, RenameTarget, string, RegExp]>([
    ['=LET(x, 1, x*VAT)', { kind: 'value', name: 'VAT' }, 'X', /already has a meaning here/],
    ['=LET(x, 1, x*VAT)', { kind: 'local', at: 5 }, 'vat', /used inside with another meaning/],
    ['=LET(x, 1, y, 2, x*y)', { kind: 'local', at: 5 }, 'y', /already has a meaning|another meaning/],
    ['=GROSS(1, 2)', { kind: 'value', name: 'GROSS' }, 'round', /function of Excel/],
    ['=VAT', { kind: 'value', name: 'VAT' }, 'A1', /cannot be a name/],
    ['=VAT', { kind: 'value', name: 'VAT' }, 'two words', /cannot be a name/],
    ['=VAT', { kind: 'value', name: 'VAT' }, 'true', /cannot be a name/],
    ['=[@total]', TOTAL, ' x', /spaces around/],
  ])('%s is left alone where it would come to mean something else', (text, what, to, message) => {
    const renamed = rename(text, what, to, SALES)
    expect(renamed).toMatchObject({ text, edits: [] })
    expect(renamed.problems[0]?.message).toMatch(message)
    expect(renamed.problems[0]?.fix).toMatch(/./)
  })
})
