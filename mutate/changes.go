package mutate

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// mutants returns all mutants of a file, in the order of the text; none if it is generated.
func mutants(name string, source []byte) ([]*Mutant, error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, name, source, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	if ast.IsGenerated(f) {
		return nil, nil
	}
	c := &changer{name: name, source: source, file: fset.File(f.Pos())}
	for _, d := range f.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT {
			continue
		}
		c.function, c.body = "", nil
		if fn, ok := d.(*ast.FuncDecl); ok {
			c.function, c.body = functionName(fn), fn.Body
			c.copied = canBeCopied(fn)
		}
		ast.Inspect(d, c.visit)
	}
	slices.SortStableFunc(c.list, func(a, b *Mutant) int { return cmp.Compare(a.from, b.from) })
	return c.list, nil
}

// canBeCopied reports whether the body of a function can stand in it several times, each time in a block of its own. A label cannot be there twice. What
// is defined beside a parameter of the same name is that parameter in the body, and would be another variable in a block.
func canBeCopied(fn *ast.FuncDecl) bool {
	if fn.Body == nil {
		return false
	}
	can := true
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		_, label := n.(*ast.LabeledStmt)
		can = can && !label
		return can
	})
	names := make(map[string]bool)
	for _, fields := range []*ast.FieldList{fn.Recv, fn.Type.Params, fn.Type.Results} {
		if fields == nil {
			continue
		}
		for _, f := range fields.List {
			for _, name := range f.Names {
				names[name.Name] = true
			}
		}
	}
	for _, s := range fn.Body.List {
		if def, ok := s.(*ast.AssignStmt); ok && def.Tok == token.DEFINE {
			for _, x := range def.Lhs {
				name, ok := x.(*ast.Ident)
				can = can && !(ok && name.Name != "_" && names[name.Name])
			}
		}
	}
	return can
}

// functionName is the name of a function, a method's with that of its type.
func functionName(fn *ast.FuncDecl) string {
	if fn.Recv == nil || len(fn.Recv.List) == 0 {
		return fn.Name.Name
	}
	t := fn.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name + "." + fn.Name.Name
		default:
			return fn.Name.Name
		}
	}
}

// A changer collects the mutants of one file.
type changer struct {
	name     string
	source   []byte
	file     *token.File
	function string
	body     *ast.BlockStmt // of the function; nil outside of any
	copied   bool           // it means the same in a block of its own, also twice
	skipped  *ast.CallExpr  // a sync whose mutant is there already
	list     []*Mutant
}

// visit makes the mutants of one node of the syntax tree; those of its parts come later.
func (c *changer) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.Field:
		c.visitType(n)
		return false
	case *ast.BinaryExpr:
		c.binary(n)
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			c.replace(Guard, n.OpPos, n.X.Pos(), "")
		}
	case *ast.BasicLit:
		c.number(n)
	case *ast.Ident:
		c.word(n)
	case *ast.CallExpr:
		c.call(n)
	case *ast.IfStmt:
		c.guard(n.Cond)
	case *ast.ForStmt:
		c.guard(n.Cond)
	case *ast.AssignStmt:
		if op, ok := arithmetic[n.Tok]; ok {
			c.replace(Arithmetic, n.TokPos, n.TokPos+token.Pos(len(n.Tok.String())), op.String())
		}
	case *ast.IncDecStmt:
		op := map[token.Token]string{token.INC: "--", token.DEC: "++"}[n.Tok]
		c.replace(Arithmetic, n.TokPos, n.TokPos+2, op)
	case *ast.BlockStmt:
		c.statements(n.List)
	case *ast.CaseClause:
		c.statements(n.Body)
	case *ast.CommClause:
		c.statements(n.Body)
	}
	return true
}

// visitType goes into a field's type and nowhere else: its tag is no code.
func (c *changer) visitType(n *ast.Field) {
	if n.Type != nil {
		ast.Inspect(n.Type, c.visit)
	}
}

// comparisons says what each comparison becomes: the first is its opposite, the second the one beside it.
var comparisons = map[token.Token][]token.Token{
	token.EQL: {token.NEQ},
	token.NEQ: {token.EQL},
	token.LSS: {token.GEQ, token.LEQ},
	token.LEQ: {token.GTR, token.LSS},
	token.GTR: {token.LEQ, token.GEQ},
	token.GEQ: {token.LSS, token.GTR},
}

// arithmetic says what each operation becomes.
var arithmetic = map[token.Token]token.Token{
	token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL, token.REM: token.MUL,
	token.SHL: token.SHR, token.SHR: token.SHL, token.AND: token.OR, token.OR: token.AND, token.XOR: token.AND, token.AND_NOT: token.AND,
	token.ADD_ASSIGN: token.SUB_ASSIGN, token.SUB_ASSIGN: token.ADD_ASSIGN, token.MUL_ASSIGN: token.QUO_ASSIGN, token.QUO_ASSIGN: token.MUL_ASSIGN,
	token.REM_ASSIGN: token.MUL_ASSIGN, token.SHL_ASSIGN: token.SHR_ASSIGN, token.SHR_ASSIGN: token.SHL_ASSIGN,
	token.AND_ASSIGN: token.OR_ASSIGN, token.OR_ASSIGN: token.AND_ASSIGN, token.XOR_ASSIGN: token.AND_ASSIGN, token.AND_NOT_ASSIGN: token.AND_ASSIGN,
}

// binary changes the operator of an expression, or leaves out one side of a condition.
func (c *changer) binary(n *ast.BinaryExpr) {
	operator := func(kind Kind, op token.Token) {
		c.replace(kind, n.OpPos, n.OpPos+token.Pos(len(n.Op.String())), op.String())
	}
	for i, op := range comparisons[n.Op] {
		operator([]Kind{Comparison, Boundary}[i], op)
	}
	if op, ok := arithmetic[n.Op]; ok && !(n.Op == token.ADD && hasText(n)) {
		operator(Arithmetic, op)
	}
	if n.Op == token.LAND || n.Op == token.LOR {
		c.without(n, n.X, n.Y)
		c.without(n, n.Y, n.X)
	}
}

// without leaves a part out of a condition. The part is still compiled, so that what it names is in use.
func (c *changer) without(n *ast.BinaryExpr, part, rest ast.Expr) {
	dead := "(false && (" + c.text(part) + ") || true) && "
	if n.Op == token.LOR {
		dead = "false && (" + c.text(part) + ") || "
	}
	c.change(Guard, n.Pos(), n.End(), "("+dead+"("+c.text(rest)+"))", c.text(rest))
}

// hasText reports whether a string literal stands in a sum: it has no difference.
func hasText(n ast.Expr) (yes bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		lit, ok := n.(*ast.BasicLit)
		yes = yes || ok && lit.Kind == token.STRING
		_, call := n.(*ast.CallExpr)
		return !call
	})
	return yes
}

// number makes a whole number one more, and one less if it is not 0.
func (c *changer) number(n *ast.BasicLit) {
	x, err := strconv.ParseUint(n.Value, 0, 63)
	if n.Kind != token.INT || err != nil {
		return
	}
	c.replace(Constant, n.Pos(), n.End(), strconv.FormatUint(x+1, 10))
	if x > 0 {
		c.replace(Constant, n.Pos(), n.End(), strconv.FormatUint(x-1, 10))
	}
}

// word turns true and false round.
func (c *changer) word(n *ast.Ident) {
	switch n.Name {
	case "true":
		c.replace(Constant, n.Pos(), n.End(), "false")
	case "false":
		c.replace(Constant, n.Pos(), n.End(), "true")
	}
}

// call turns min and max round, and skips syncs whose result is used.
func (c *changer) call(n *ast.CallExpr) {
	switch fn := n.Fun.(type) {
	case *ast.Ident:
		if other := map[string]string{"min": "max", "max": "min"}[fn.Name]; other != "" {
			c.replace(Comparison, fn.Pos(), fn.End(), other)
		}
	case *ast.SelectorExpr:
		if name := fn.Sel.Name; n != c.skipped && (name == "Sync" || name == "SyncDir") {
			c.change(Skipped, n.Pos(), n.End(), "func() error { if false { return "+c.text(n)+" }; return nil }()", "error(nil)")
		}
	}
}

// guard negates a condition that is neither a comparison nor put together from others: those have mutants of their own.
func (c *changer) guard(cond ast.Expr) {
	for {
		p, ok := cond.(*ast.ParenExpr)
		if !ok {
			break
		}
		cond = p.X
	}
	switch x := cond.(type) {
	case nil, *ast.BinaryExpr:
	case *ast.UnaryExpr: // a negation is taken away in visit
	default:
		c.replace(Guard, x.Pos(), x.End(), "!"+c.text(x))
	}
}

// statements leaves out each statement that others do not need in order to compile.
func (c *changer) statements(list []ast.Stmt) {
	for _, s := range list {
		switch s := s.(type) {
		case *ast.ExprStmt:
			if call, ok := s.X.(*ast.CallExpr); ok && c.sync(call) {
				continue
			}
		case *ast.AssignStmt:
			if s.Tok == token.DEFINE {
				continue
			}
		case *ast.ReturnStmt:
			if len(s.Results) > 0 {
				continue
			}
		case *ast.IncDecStmt, *ast.DeferStmt, *ast.BranchStmt, *ast.GoStmt, *ast.SendStmt:
		default:
			continue
		}
		// Left in as dead code: what it names is in use, and no variable is declared in vain.
		c.change(Statement, s.Pos(), s.End(), "if false { "+c.text(s)+" }", "")
	}
}

// sync reports whether a statement is a sync, which is skipped in the place of being left out: the message that SyncThen
// promises comes all the same.
func (c *changer) sync(call *ast.CallExpr) bool {
	fn, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	if fn.Sel.Name == "SyncThen" && len(call.Args) == 2 {
		after := c.text(fn.X) + ".After(0, " + c.text(call.Args[1]) + ")"
		c.change(Skipped, call.Pos(), call.End(), "if false { "+c.text(call)+" } else { "+after+" }", after)
		return true
	}
	if fn.Sel.Name != "Sync" && fn.Sel.Name != "SyncDir" {
		return false
	}
	c.skipped = call
	c.change(Skipped, call.Pos(), call.End(), "if false { "+c.text(call)+" }", "")
	return true
}

func (c *changer) text(n ast.Node) string {
	return string(c.source[c.file.Offset(n.Pos()):c.file.Offset(n.End())])
}

// replace adds a mutant that says what it does.
func (c *changer) replace(kind Kind, from, to token.Pos, code string) {
	c.change(kind, from, to, code, code)
}

// change adds a mutant in which code stands in the place of some text; a reader is shown another text, which means the same.
func (c *changer) change(kind Kind, from, to token.Pos, code, shown string) {
	m := &Mutant{File: c.name, Func: c.function, Kind: kind, from: c.file.Offset(from), to: c.file.Offset(to), code: code}
	if c.body != nil && from > c.body.Lbrace {
		m.body = span{c.file.Offset(c.body.Lbrace) + 1, c.file.Offset(c.body.Rbrace)}
		m.switchable = c.copied
	}
	at := c.file.Position(from)
	m.Line, m.Column = at.Line, at.Column
	// All lines that the change touches.
	begin := strings.LastIndexByte(string(c.source[:m.from]), '\n') + 1
	end := len(c.source)
	if i := strings.IndexByte(string(c.source[m.to:]), '\n'); i >= 0 {
		end = m.to + i
	}
	m.Before = lines(string(c.source[begin:end]))
	m.After = lines(string(c.source[begin:m.from]) + shown + string(c.source[m.to:end]))
	c.list = append(c.list, m)
}

// lines cuts a text into lines without the space that all have in front; a text of nothing but space and
// comment has none.
func lines(text string) (list []string) {
	indent := text[:len(text)-len(strings.TrimLeft(text, "\t "))]
	for l := range strings.Lines(text) {
		l = strings.TrimRight(l, "\r\n\t ")
		list = append(list, strings.TrimPrefix(l, indent))
	}
	if len(list) == 1 && (list[0] == "" || strings.HasPrefix(list[0], "//")) {
		return nil
	}
	return list
}
