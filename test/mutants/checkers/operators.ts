// Mutations of a source file: what a slip of the hand would make of it. The list is the file's, in the order of its text.
import ts from "typescript";

export type Operator =
  | "report dropped"
  | "statement dropped"
  | "condition negated"
  | "comparison"
  | "arithmetic"
  | "logic"
  | "flag"
  | "early return";

export interface Mutation {
  readonly operator: Operator;
  /** Where in the text, and what is put there instead. */
  readonly from: number;
  readonly to: number;
  readonly put: string;
  readonly line: number;
  /** What stands there, on one line. */
  readonly was: string;
}

const K = ts.SyntaxKind;

const COMPARISONS: Readonly<Record<number, string>> = {
  [K.LessThanToken]: "<=",
  [K.LessThanEqualsToken]: "<",
  [K.GreaterThanToken]: ">=",
  [K.GreaterThanEqualsToken]: ">",
  [K.EqualsEqualsEqualsToken]: "!==",
  [K.ExclamationEqualsEqualsToken]: "===",
};
const ARITHMETIC: Readonly<Record<number, string>> = {
  [K.PlusToken]: "-",
  [K.MinusToken]: "+",
  [K.PlusEqualsToken]: "-=",
  [K.MinusEqualsToken]: "+=",
};
const LOGIC: Readonly<Record<number, string>> = {
  [K.AmpersandAmpersandToken]: "||",
  [K.BarBarToken]: "&&",
};
const REPORTS = /(^|[.#])(report\w*|tell)$/i;

export function mutationsOf(file: string, text: string): Mutation[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const found: Mutation[] = [];
  const add = (operator: Operator, node: ts.Node, put: string): void => {
    const from = node.getStart(source);
    const line = source.getLineAndCharacterOfPosition(from).line + 1;
    const was = node.getText(source).replaceAll(/\s+/g, " ");
    found.push({ operator, from, to: node.getEnd(), put, line, was });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node))
      return;
    drops(node, source, add);
    conditions(node, source, add);
    tokens(node, source, add);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

type Add = (operator: Operator, node: ts.Node, put: string) => void;

function drops(node: ts.Node, source: ts.SourceFile, add: Add): void {
  if (ts.isExpressionStatement(node)) add(dropOf(node.expression, source), node, ";");
  const isArrow = ts.isArrowFunction(node) && ts.isCallExpression(node.body);
  if (isArrow) add(dropOf(node.body, source), node.body, "undefined");
  const hasBody = ts.isFunctionDeclaration(node) || ts.isMethodDeclaration(node);
  if (hasBody && node.body !== undefined && node.body.statements.length > 0)
    add("early return", node.body, "{ return undefined; }");
}

function dropOf(expression: ts.Node, source: ts.SourceFile): Operator {
  const isReport =
    ts.isCallExpression(expression) && REPORTS.test(expression.expression.getText(source));
  return isReport ? "report dropped" : "statement dropped";
}

function conditions(node: ts.Node, source: ts.SourceFile, add: Add): void {
  const condition = ts.isIfStatement(node)
    ? node.expression
    : ts.isConditionalExpression(node)
      ? node.condition
      : undefined;
  if (condition !== undefined)
    add("condition negated", condition, `!(${condition.getText(source)})`);
}

function tokens(node: ts.Node, source: ts.SourceFile, add: Add): void {
  if (node.kind === K.TrueKeyword) add("flag", node, "false");
  if (node.kind === K.FalseKeyword) add("flag", node, "true");
  if (ts.isPropertyAccessExpression(node) && node.expression.getText(source) === "Math") {
    if (node.name.text === "min") add("arithmetic", node, "Math.max");
    if (node.name.text === "max") add("arithmetic", node, "Math.min");
  }
  if (!ts.isBinaryExpression(node)) return;
  const { kind } = node.operatorToken;
  const around = (put: string): string => {
    const text = node.getText(source);
    const at = node.operatorToken.getStart(source) - node.getStart(source);
    return text.slice(0, at) + put + text.slice(at + node.operatorToken.getText(source).length);
  };
  const compared = COMPARISONS[kind];
  if (compared !== undefined) add("comparison", node, around(compared));
  const computed = isText(node.left) || isText(node.right) ? undefined : ARITHMETIC[kind];
  if (computed !== undefined) add("arithmetic", node, around(computed));
  const joined = LOGIC[kind];
  if (joined !== undefined) add("logic", node, around(joined));
}

const isText = (node: ts.Node): boolean =>
  ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);

export const mutated = (text: string, { from, to, put }: Mutation): string =>
  text.slice(0, from) + put + text.slice(to);
