"""Tips that are paid with a receipt (L-117 to L-119; DSFinV-K Anhang C).

To the staff they are no turnover (§ 3 Nr. 51 EStG): GV_TYP TrinkgeldAN under key 5, GV_NAME whose they are;
the register keeps them until they are paid out, a movement of its own. To the owner they are part of the
price: TrinkgeldAG under the tax keys of the goods. Cash that a guest gives to the staff and that is kept
apart from the till is none of the register's business and not recorded.
"""

__all__: list[str] = []
