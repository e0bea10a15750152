import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

/** An expression that becomes part of a statement's text and of which the code alone does not show that it is constant. */
export interface SqlPart {
  /** Path below the repository's root. */
  readonly file: string;
  readonly line: number;
  readonly expression: string;
}

/** What tells SQL from a sentence where statements are made, and elsewhere. */
const IN_STORE =
  /\b(SELECT|INSERT INTO|UPDATE|DELETE|FROM|WHERE|ORDER BY|SET|VALUES|VACUUM|DECLARE|FETCH|CLOSE|GRANT|ALTER|CREATE|DROP|JOIN|LIMIT|NULL|AND|OR|BETWEEN)\b|ST_\w+|<=|>=|&&/;
const ELSEWHERE =
  /\b(SELECT\s|INSERT INTO|DELETE FROM|CREATE (TABLE|TRIGGER|INDEX)|DROP (TABLE|TRIGGER))|\bUPDATE \S+ SET\b/;
/** Methods that take a statement, and those that give a placeholder such as `$3` for a value. */
const QUERIES = new Set(['query', 'where']);
const PLACEHOLDERS = new Set(['add', 'parameter', 'sql']);

/** The parts of all SQL in the sources below a folder that are neither constants of the program nor placeholders. */
export function sqlParts(root: string, folder = 'src'): SqlPart[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.startsWith('page'))
    .map((name) => join(root, folder, name));
  return files.flatMap((file) => new Reader(root, file).parts());
}

const parsed = new Map<string, ts.SourceFile>();
function parse(file: string): ts.SourceFile {
  const known = parsed.get(file);
  if (known !== undefined) return known;
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true);
  parsed.set(file, source);
  return source;
}

class Reader {
  readonly #root: string;
  readonly #file: string;
  readonly #source: ts.SourceFile;
  readonly #parts = new Map<ts.Node, SqlPart>();

  constructor(root: string, file: string) {
    this.#root = root;
    this.#file = file;
    this.#source = parse(file);
  }

  parts(): SqlPart[] {
    this.#visit(this.#source);
    return [...this.#parts.values()];
  }

  #visit(node: ts.Node): void {
    const isSql = (text: string) => (/[\\/]store[\\/]/.test(this.#file) ? IN_STORE : ELSEWHERE).test(text);
    if (ts.isTemplateExpression(node) && isSql(staticText(node)))
      for (const { expression } of node.templateSpans) this.#check(expression);
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken)
      for (const [side, other] of [
        [node.left, node.right],
        [node.right, node.left],
      ] as const)
        if (ts.isStringLiteralLike(side) && isSql(side.text)) this.#check(other);
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const [statement] = node.arguments;
      if (QUERIES.has(node.expression.name.text) && statement !== undefined) this.#checkStatement(statement);
    }
    ts.forEachChild(node, (child) => this.#visit(child));
  }

  /** A template that is given to a query is SQL, whatever words it has. */
  #checkStatement(statement: ts.Expression): void {
    if (ts.isTemplateExpression(statement))
      for (const { expression } of statement.templateSpans) this.#check(expression);
    else this.#check(statement);
  }

  #check(expression: ts.Expression): void {
    if (isMadeAtLoad(expression) || isConstant(expression)) return;
    const { line } = this.#source.getLineAndCharacterOfPosition(expression.getStart());
    this.#parts.set(expression, {
      file: relative(this.#root, this.#file),
      line: line + 1,
      expression: expression.getText().replace(/\s+/g, ' '),
    });
  }
}

function staticText(node: ts.TemplateExpression): string {
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join(' ');
}

/** Whether all that an expression names is constant, a choice of the program's own words, or a placeholder. */
function isConstant(node: ts.Node, seen: ReadonlySet<ts.Node> = new Set()): boolean {
  if (seen.has(node)) return true;
  const deeper = new Set([...seen, node]);
  if (ts.isCallExpression(node)) {
    const name = ts.isPropertyAccessExpression(node.expression) ? node.expression.name : node.expression;
    if (PLACEHOLDERS.has(name.getText())) return true;
  }
  if (ts.isTypeNode(node)) return true;
  if (ts.isIdentifier(node)) return isPlainName(node) || isConstantName(node, deeper);
  if (node.kind === ts.SyntaxKind.ThisKeyword) return false;
  // Only which of the branches is taken depends on the condition.
  if (ts.isConditionalExpression(node))
    return isConstant(node.whenTrue, deeper) && isConstant(node.whenFalse, deeper);
  if (ts.isElementAccessExpression(node)) return isConstant(node.expression, deeper);
  return !ts.forEachChild(node, (child) => (isConstant(child, deeper) ? undefined : true));
}

/** A name of a property, of a parameter or of what belongs to the language. */
function isPlainName(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isPropertyAssignment(parent)) return parent.name === node;
  if (ts.isParameter(parent) || ts.isBindingElement(parent) || ts.isVariableDeclaration(parent))
    return parent.name === node;
  return ['Object', 'undefined', 'String', 'Number', 'Math'].includes(node.text);
}

function isConstantName(node: ts.Identifier, seen: ReadonlySet<ts.Node>): boolean {
  const found = declarationOf(node, node.text);
  if (found === null) return false;
  if (seen.has(found)) return true;
  const deeper = new Set([...seen, found]);
  if (ts.isParameter(found)) {
    if (found.type !== undefined) return isChoice(found.type) || isNumber(found.type);
    // Of a function within a constant expression, e.g. of map: what it is given was looked at as well.
    const call = found.parent.parent;
    return ts.isCallExpression(call) && ts.isPropertyAccessExpression(call.expression)
      ? isConstant(call.expression.expression, deeper)
      : false;
  }
  if (ts.isFunctionDeclaration(found)) return found.body !== undefined && isConstant(found.body, deeper);
  if (!(found.parent.flags & ts.NodeFlags.Const)) return isNumberVariable(found);
  const loop = found.parent.parent;
  if (ts.isForOfStatement(loop)) return isConstant(loop.expression, deeper);
  const { initializer } = found;
  if (initializer === undefined) return false;
  // What a function makes of what it is given: its parameters are looked at where they are used.
  return isMadeAtLoad(initializer) || isConstant(initializer, deeper);
}

/** Whether an expression is evaluated when its file is loaded, before there is any value from outside. */
function isMadeAtLoad(node: ts.Node): boolean {
  for (let scope = node; ; scope = scope.parent) {
    if (ts.isSourceFile(scope)) return true;
    // A function in line, as of map, runs where it stands.
    if (ts.isFunctionLike(scope) && !ts.isCallExpression(scope.parent)) return false;
  }
}

function isNumberVariable(found: ts.VariableDeclaration): boolean {
  return found.initializer !== undefined && ts.isNumericLiteral(found.initializer);
}

function isChoice(type: ts.TypeNode): boolean {
  if (ts.isUnionTypeNode(type)) return type.types.every(isChoice);
  if (ts.isLiteralTypeNode(type)) return true;
  if (ts.isTypeOperatorNode(type)) return type.operator === ts.SyntaxKind.KeyOfKeyword;
  if (!ts.isTypeReferenceNode(type)) return false;
  const alias = typeOf(type, type.typeName.getText());
  return alias !== null && isChoice(alias);
}

function isNumber(type: ts.TypeNode): boolean {
  return type.kind === ts.SyntaxKind.NumberKeyword || type.kind === ts.SyntaxKind.BooleanKeyword;
}

type Declaration = ts.ParameterDeclaration | ts.VariableDeclaration | ts.FunctionDeclaration;

/** Where a name is declared, in the scopes around it or in a file it is imported from. */
function declarationOf(from: ts.Node, name: string): Declaration | null {
  for (let scope: ts.Node | undefined = from; scope !== undefined; scope = scope.parent) {
    if (ts.isFunctionLike(scope))
      for (const parameter of scope.parameters) if (names(parameter.name).includes(name)) return parameter;
    if (ts.isForOfStatement(scope) && ts.isVariableDeclarationList(scope.initializer))
      for (const declared of scope.initializer.declarations)
        if (names(declared.name).includes(name)) return declared;
    if (ts.isBlock(scope) || ts.isSourceFile(scope))
      for (const statement of scope.statements) {
        if (ts.isFunctionDeclaration(statement) && statement.name?.text === name) return statement;
        if (!ts.isVariableStatement(statement)) continue;
        for (const declared of statement.declarationList.declarations)
          if (names(declared.name).includes(name)) return declared;
      }
  }
  const file = importOf(from.getSourceFile(), name);
  return file === null ? null : declarationOf(parse(file), name);
}

function typeOf(from: ts.Node, name: string): ts.TypeNode | null {
  const source = from.getSourceFile();
  for (const statement of source.statements)
    if (ts.isTypeAliasDeclaration(statement) && statement.name.text === name) return statement.type;
  const file = importOf(source, name);
  return file === null ? null : typeOf(parse(file), name);
}

/** The file of the program that a name comes from; names are not changed on the way. */
function importOf(source: ts.SourceFile, name: string): string | null {
  for (const statement of source.statements) {
    if (!ts.isImportDeclaration(statement) || !ts.isStringLiteral(statement.moduleSpecifier)) continue;
    const bindings = statement.importClause?.namedBindings;
    if (bindings === undefined || !ts.isNamedImports(bindings)) continue;
    if (!bindings.elements.some((element) => element.name.text === name)) continue;
    const file = join(dirname(source.fileName), statement.moduleSpecifier.text.replace(/\.js$/, '.ts'));
    return existsSync(file) ? file : null;
  }
  return null;
}

function names(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? names(element.name) : []));
}
