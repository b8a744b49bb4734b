"""Goods that are not sold: benefits in kind for employees, and what the owner takes for private use.

For an employee the Vorgang ends as AVSachbezug (L-126): secured, with the employee in KUNDE_*, without a
payment and without turnover; wage tax and value are the payroll's. What the owner takes (unentgeltliche
Wertabgabe, § 3 Abs. 1b UStG) has no GV_TYP and is taxed at cost, not at the selling price: it ends as
AVSonstige with BON_NAME Sachentnahme, and the books value it.
"""

__all__: list[str] = []
