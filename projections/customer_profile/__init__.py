"""Who is this customer to us: visits, spend, favourites, coupons, complaints?"""
