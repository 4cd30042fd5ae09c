/**
 * Simple case folding of Unicode 17.0 (status C and S of CaseFolding.txt), 1512 code points.
 * Made by `scripts/fold-table.ts`. Folded text is a key in checkpoints: another table needs another format number of theirs.
 *
 * Runs `first,length,step,delta` in base 36: each code point `first + i·step` up to `first + length` folds to itself + delta.
 */
export const FOLD_RUNS: string = [
  '1t,p,1,w 51,0,0,lj 5c,m,1,w 60,6,1,w 74,1a,2,1 8i,4,2,1 8p,e,2,1 96,18,2,1 ag,0,0,-3d ah,4,2,1 an,0,0,-7g ap,0,0,5u',
  'aq,2,2,1 au,0,0,5q av,0,0,1 ax,1,1,5p az,0,0,1 b2,0,0,27 b3,0,0,5m b4,0,0,5n b5,0,0,1 b7,0,0,5p b8,0,0,5r ba,0,0,5v',
  'bb,0,0,5t bc,0,0,1 bg,0,0,5v bh,0,0,5x bj,0,0,5y bk,4,2,1 bq,0,0,62 br,0,0,1 bt,0,0,62 bw,0,0,1 by,0,0,62 bz,0,0,1',
  'c1,1,1,61 c3,2,2,1 c7,0,0,63 c8,0,0,1 cc,0,0,1 ck,0,0,2 cl,0,0,1 cn,0,0,2 co,0,0,1 cq,0,0,2 cr,g,2,1 da,g,2,1 dt,0,0,2',
  'du,2,2,1 dy,0,0,-2p dz,0,0,-1k e0,12,2,1 f4,0,0,-3m f6,g,2,1 fu,0,0,8bv fv,0,0,1 fx,0,0,-4j fy,0,0,8bs g1,0,0,1',
  'g3,0,0,-5f g4,0,0,1x g5,0,0,1z g6,8,2,1 n9,0,0,38 og,2,2,1 om,0,0,1 ov,0,0,38 p2,0,0,12 p4,2,1,11 p8,0,0,1s pa,1,1,1r',
  'pd,g,1,w pv,8,1,w qq,0,0,1 r3,0,0,8 r4,0,0,-u r5,0,0,-p r9,0,0,-f ra,0,0,-m rc,m,2,1 s0,0,0,-1i s1,0,0,-1c s4,0,0,-1o',
  's5,0,0,-1s s7,0,0,1 s9,0,0,-7 sa,0,0,1 sd,2,1,-3m sg,f,1,28 sw,v,1,w v4,w,2,1 wa,1g,2,1 xs,0,0,f xt,c,2,1 y8,2m,2,1',
  '10x,11,1,1c 3a8,11,1,5ls 3bb,0,0,5ls 3bh,0,0,5ls 3y0,5,1,-8 5mo,0,0,-4su 5mp,0,0,-4st 5mq,0,0,-4sk 5mr,1,1,-4si',
  '5mt,0,0,-4sj 5mu,0,0,-4sc 5mv,0,0,-4ro 5mw,0,0,r7n 5mx,0,0,1 5n4,16,1,-2bk 5od,2,1,-2bk 5xc,44,2,1 61n,0,0,-1m',
  '61q,0,0,-5vj 61s,2m,2,1 64o,7,1,-8 654,5,1,-8 65k,7,1,-8 660,7,1,-8 66g,5,1,-8 66x,6,2,-8 67c,7,1,-8 688,7,1,-8',
  '68o,7,1,-8 694,7,1,-8 69k,1,1,-8 69m,1,1,-22 69o,0,0,-9 69q,0,0,-5j9 6a0,3,1,-2e 6a4,0,0,-9 6ab,0,0,-5kz 6ag,1,1,-8',
  '6ai,1,1,-2s 6ar,0,0,-5kj 6aw,1,1,-8 6ay,1,1,-34 6b0,0,0,-7 6bc,1,1,-3k 6be,1,1,-3i 6bg,0,0,-9 6jq,0,0,-5st 6ju,0,0,-6gv',
  '6jv,0,0,-6di 6k2,0,0,s 6lc,f,1,g 6mb,0,0,1 792,p,1,q 8ow,1b,1,1c 8rk,0,0,1 8rm,0,0,-8af 8rn,0,0,-2xy 8ro,0,0,-89z',
  '8rr,4,2,1 8rx,0,0,-8bg 8ry,0,0,-8al 8rz,0,0,-8bj 8s0,0,0,-8bi 8s2,0,0,1 8s5,0,0,1 8se,1,1,-8cf 8sg,2q,2,1 8vf,2,2,1',
  '8vm,0,0,1 wu8,18,2,1 ww0,q,2,1 x0i,c,2,1 x0y,1o,2,1 x2x,2,2,1 x31,0,0,-r9g x32,8,2,1 x3f,0,0,1 x3h,0,0,-wmg x3k,2,2,1',
  'x3q,i,2,1 x4a,0,0,-wn8 x4b,0,0,-wnj x4c,0,0,-wnf x4d,0,0,-wn5 x4e,0,0,-wn8 x4g,0,0,-wlu x4h,0,0,-wmi x4i,0,0,-wlx',
  'x4j,0,0,ps x4k,e,2,1 x50,0,0,-1c x51,0,0,-wn7 x52,0,0,-raw x53,2,2,1 x57,0,0,-wo7 x58,e,2,1 x5o,0,0,-wu9 x6d,0,0,1',
  'xv4,27,1,-tzk 1dl1,0,0,1 1ee9,p,1,w 1fcw,13,1,14 1fhs,z,1,14 1fn4,a,1,13 1fng,e,1,13 1fnw,6,1,13 1fo4,1,1,13 1h1c,1e,1,1s',
  '1h74,l,1,w 1jfk,v,1,w 20cg,v,1,w 20f4,o,1,r 2olc,x,1,y',
].join(' ')

/** The version of Unicode that the table was made from. */
// for tests: which compare the table with a runtime of the same version
export const FOLD_UNICODE_VERSION = '17.0'
